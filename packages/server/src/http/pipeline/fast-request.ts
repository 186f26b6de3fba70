import type { IncomingMessage } from 'node:http';

/** Header fields from clients and proxies that do not change the answer. */
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
const CONTENT_TYPE = new Set(spellings('Content-Type'));
const CONTENT_LENGTH = new Set(spellings('Content-Length'));
const ACCEPT = new Set(spellings('Accept'));
const ACCEPTS_ANYTHING = new Set(['*/*', 'application/json', 'application/json, text/plain, */*']);
const FIELDS_MAX = 40;

/** Header fields of a plain request; null: the field was not sent. */
export interface FastRequest {
  readonly authorization: string;
  readonly contentType: string | null;
  readonly contentLength: string | null;
}

/**
 * Reads a plain request: HTTP/1.1, one Host, one Authorization, and no field that could change the answer. Null for any
 * other request, which the framework must answer.
 */
export function readFastRequest({ rawHeaders, httpVersion }: IncomingMessage): FastRequest | null {
  if (httpVersion !== '1.1' || rawHeaders.length > 2 * FIELDS_MAX) return null;
  let authorization: string | null = null;
  let contentType: string | null = null;
  let contentLength: string | null = null;
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const value = rawHeaders[at + 1] ?? '';
    if (HARMLESS_NAMES.has(name)) continue;
    if (HOST.has(name)) hosts++;
    else if (AUTHORIZATION.has(name) && authorization === null) authorization = value;
    else if (CONTENT_TYPE.has(name) && contentType === null) contentType = value;
    else if (CONTENT_LENGTH.has(name) && contentLength === null) contentLength = value;
    else if (!(ACCEPT.has(name) && ACCEPTS_ANYTHING.has(value))) return null;
  }
  return hosts === 1 && authorization !== null ? { authorization, contentType, contentLength } : null;
}

/** A header name as HTTP/1.1 clients send it. */
function spellings(name: string): string[] {
  return [name, name.toLowerCase()];
}
