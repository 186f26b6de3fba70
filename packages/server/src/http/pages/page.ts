import type { IncomingMessage, ServerResponse } from 'node:http';
import { API_BASE } from '@latchkey/contract';
import helmet from 'helmet';
import type { Exchange } from '../pipeline/exchange.ts';
import { type Fields, type RawResponse, textResponse } from '../pipeline/raw-response.ts';

/** A path for browsers and readers, which is not part of the API. It answers to GET and HEAD. */
export interface Page {
  readonly path: string;
  /** Rejects with the error to answer with. */
  readonly answer: (exchange: Exchange) => RawResponse | Promise<RawResponse>;
}

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

const NONE = ["'none'"];

/** The policy of answers that have none of their own: it allows their styles alone. */
const setSecurityFields = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: NONE,
      styleSrc: ["'self'"],
      baseUri: NONE,
      formAction: NONE,
      frameAncestors: NONE,
    },
  },
  frameguard: { action: 'deny' },
});

/** Sets the security fields of an answer for browsers. An answer of the API has none: it is never shown as a page. */
export function pageFields(request: IncomingMessage, response: ServerResponse, url: string): void {
  if (!url.startsWith(API_BASE)) setSecurityFields(request, response, () => {});
}

/** A page whose content never changes. */
export function fixedPage(path: string, type: string, content: string, fields: Fields = {}): Page {
  const more = { 'Content-Type': `${type}; charset=utf-8`, ...fields };
  return { path, answer: ({ requestId }) => textResponse(200, content, requestId, more) };
}

/** A page with a script. */
export function htmlPage(path: string, content: string): Page {
  return fixedPage(path, 'text/html', content, { 'Content-Security-Policy': PAGE_POLICY });
}

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
