/** The requests of the benchmark, as the bytes that go over the wire. */

/** @param {string} token @returns {string} asks whether the key that is the credential is good */
export function checkRequest(token) {
  return request('GET', '/api/v2/api-keys/check', token);
}

/** @param {string} verifier @param {string} token @returns {string} asks whether a request with this key may pass */
export function forwardAuthRequest(verifier, token) {
  const head = request('GET', '/api/v2/forward-auth?deny=403', token);
  return head.replace('\r\n\r\n', `\r\nLatchkey-Verifier: ${verifier}\r\n\r\n`);
}

/** @param {string} credential @param {{ key: string, permissions?: readonly string[] }} check */
export function verifyRequest(credential, check) {
  return request('POST', '/api/v2/api-keys/verify', credential, check);
}

/** @param {string} credential @param {readonly { key: string, permissions?: readonly string[] }[]} checks */
export function verifyManyRequest(credential, checks) {
  return request('POST', '/api/v2/api-keys/verify-many', credential, { checks });
}

/** @param {string} credential @param {string} query */
export function listRequest(credential, query) {
  return request('GET', `/api/v2/api-keys?${query}`, credential);
}

/** @param {string} credential @param {unknown} body */
export function createRequest(credential, body) {
  return request('POST', '/api/v2/api-keys', credential, body);
}

/** @param {string} credential @param {string} id */
export function revokeRequest(credential, id) {
  return request('DELETE', `/api/v2/api-keys/${id}`, credential);
}

/**
 * @param {string} method
 * @param {string} target
 * @param {string} credential
 * @param {unknown} [body]
 */
function request(method, target, credential, body) {
  const head = `${method} ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${credential}\r\n`;
  if (body === undefined) return `${head}\r\n`;
  const text = JSON.stringify(body);
  return `${head}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}
