import type { IncomingMessage } from 'node:http';

/** What clients and proxies send that changes nothing about the answer. */
const HARMLESS = [
  'Accept-Encoding',
  'Accept-Language',
  'Cache-Control',
  'Connection',
  'Forwarded',
  'Pragma',
  'Sec-Fetch-Mode',
  'Traceparent',
  'Tracestate',
  'User-Agent',
  'Via',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Port',
  'X-Forwarded-Proto',
  'X-Real-Ip',
];
const HARMLESS_NAMES = new Set(HARMLESS.flatMap(spellings));
const HOST = new Set(spellings('Host'));
const AUTHORIZATION = new Set(spellings('Authorization'));
const ACCEPT = new Set(spellings('Accept'));
const ACCEPTS_ANYTHING = new Set(['*/*', 'application/json', 'application/json, text/plain, */*']);
const FIELDS_MAX = 40;

/**
 * The value of Authorization in a request that is like any other: HTTP/1.1, one Host, one Authorization, no body, and no
 * field that could change the answer. Null where it is not so plain, and has to be looked at with care.
 */
export function authorizationOfPlain({ rawHeaders, httpVersion }: IncomingMessage): string | null {
  if (httpVersion !== '1.1' || rawHeaders.length > 2 * FIELDS_MAX) return null;
  let authorization: string | null = null;
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const value = rawHeaders[at + 1] ?? '';
    if (AUTHORIZATION.has(name)) {
      if (authorization !== null) return null;
      authorization = value;
    } else if (HOST.has(name)) hosts++;
    else if (!HARMLESS_NAMES.has(name) && !(ACCEPT.has(name) && ACCEPTS_ANYTHING.has(value))) return null;
  }
  return hosts === 1 ? authorization : null;
}

/** A name as HTTP/1.1 clients write it. */
function spellings(name: string): string[] {
  return [name, name.toLowerCase()];
}
