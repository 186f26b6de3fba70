/** The content security policy of a page with a script: it allows only scripts of and calls to this service. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** A JavaScript function, included in the scripts of pages, that calls the API. */
export const CALL = `/** Resolves with the result of the call; rejects with a message for the reader, and the status if there is one. */
async function call(method, path, body) {
  const options = body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
  const answer = await fetch(path, { method, ...options }).catch(() => null);
  const json = answer && (await answer.json().catch(() => null));
  if (!json) throw new Error('The service does not answer. Try again in a moment.');
  if (json.success) return json.data.result;
  const details = json.data.error.details.map(({ field, message }) => field + ' ' + message);
  throw Object.assign(new Error([json.data.message, ...details].join('; ')), { status: answer.status });
}
`;
