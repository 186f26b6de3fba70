/** A JWT in its compact form (RFC 7515, section 7.1). One without a signature matches too, and is denied later. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** True when the text has the format of a token of an identity provider. Keys never contain a dot. */
export function looksLikeJwt(token: string): boolean {
  return JWT.test(token);
}
