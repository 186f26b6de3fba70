import type { IncomingMessage } from 'node:http';
import { WORKSPACE_HEADER } from '@latchkey/contract';

/** Clients invent names, so the cache of spellings is bounded. */
const SPELLINGS_MAX = 1_000;

/**
 * Returns a function that finds the meaning of a header field by its name in any spelling; null for all other names.
 * `meanings` has the names in lower case. Cached by spelling, since making a name lower-case costs more than the look-up.
 */
export function headerMeanings<Meaning>(
  meanings: ReadonlyMap<string, Meaning>,
): (name: string) => Meaning | null {
  const spellings = new Map<string, Meaning | null>();
  return (name) => {
    const known = spellings.get(name);
    if (known !== undefined) return known;
    const meaning = meanings.get(name.toLowerCase()) ?? null;
    if (spellings.size >= SPELLINGS_MAX) spellings.clear();
    spellings.set(name, meaning);
    return meaning;
  };
}

/** Header fields that can change the answer, besides those that are read. Gateways may add any other field. */
const MEANINGFUL = [
  'content-encoding',
  'cookie',
  'expect',
  'idempotency-key',
  'if-match',
  'trailer',
  'transfer-encoding',
  'upgrade',
  WORKSPACE_HEADER.toLowerCase(),
];
const READ = ['host', 'authorization', 'content-type', 'content-length', 'accept'] as const;

const meaningOf = headerMeanings(
  new Map([
    ...MEANINGFUL.map((name) => [name, 'other'] as const),
    ...READ.map((name) => [name, name] as const),
  ]),
);
const ACCEPTS_ANYTHING = new Set(['*/*', 'application/json', 'application/json, text/plain, */*']);
const FIELDS_MAX = 40;

/** Header fields of a fast request; null: the field was not sent. */
export interface FastRequest {
  readonly authorization: string;
  readonly contentType: string | null;
  readonly contentLength: string | null;
}

/**
 * Reads a request for the fast path: HTTP/1.1, one Host, one Authorization, and no further field that could change the
 * answer. Null for any other request, which takes the routed path.
 */
export function readFastRequest({ rawHeaders, httpVersion }: IncomingMessage): FastRequest | null {
  if (httpVersion !== '1.1' || rawHeaders.length > 2 * FIELDS_MAX) return null;
  let authorization: string | null = null;
  let contentType: string | null = null;
  let contentLength: string | null = null;
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const meaning = meaningOf(rawHeaders[at] ?? '');
    const value = rawHeaders[at + 1] ?? '';
    if (meaning === null) continue;
    if (meaning === 'host') hosts++;
    else if (meaning === 'authorization' && authorization === null) authorization = value;
    else if (meaning === 'content-type' && contentType === null) contentType = value;
    else if (meaning === 'content-length' && contentLength === null) contentLength = value;
    else if (!(meaning === 'accept' && ACCEPTS_ANYTHING.has(value))) return null;
  }
  return hosts === 1 && authorization !== null ? { authorization, contentType, contentLength } : null;
}
