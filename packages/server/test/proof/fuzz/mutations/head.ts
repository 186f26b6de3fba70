import { METHODS } from 'node:http';
import type { Mutation } from '../draft.ts';
import type { FuzzRandom } from '../fuzz-random.ts';

// Methods that Node's parser accepts; others never reach the service.
const HEADER_TEXTS = [
  '',
  ' ',
  'x',
  '0',
  '-1',
  '\t',
  '\xe9\xff',
  '"',
  '\\',
  ',',
  ';',
  '=',
  '*',
  'null',
  '{}',
  '() { :;}',
  'a'.repeat(3_000),
  '%0d%0a',
];

const MEDIA_TYPES = [
  '',
  'text/plain',
  'application/xml',
  'application/json; charset=utf-16',
  'application/json;charset=UTF-8',
  'application/json;',
  'application/json; charset',
  'APPLICATION/JSON',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'json',
  ';',
  'application/json, text/html',
  'application/problem+json',
  '\xff/\xff',
  'application/json; a="',
];
const ENCODINGS = ['gzip', 'br', 'deflate', 'identity', '', 'x', 'gzip, gzip'];
const ACCEPTS = [
  'application/problem+json',
  'text/html',
  '*/*',
  '',
  'application/problem+json;q=0',
  'application/xml;q=0.1, */*;q=0',
  'x'.repeat(900),
];
const IDEMPOTENCY_KEYS = [
  '',
  'a',
  '"a"',
  '"',
  '""',
  'a b',
  '\xe9',
  'x'.repeat(255),
  'x'.repeat(256),
  '"unclosed',
  'a,b',
  ...Array.from({ length: 12 }, (_, index) => `try-${index}`),
];
const TAGS = [
  '*',
  '"1"',
  '"2"',
  '"9"',
  'W/"1"',
  '1',
  '""',
  '"',
  '"1", "2"',
  '"999999999999999999999"',
  '"x"',
  '\xff',
  '',
];
const SCHEMES = [
  'Bearer',
  'bearer ',
  'Bearer  x',
  'Basic YTpi',
  'Digest a=b',
  'Bearer a b',
  'Bearer =',
  'Bearer \xe9',
  '',
  'Bearer\tx',
  'x',
  ' ',
  'Bearer "x"',
  'Token x',
];
const OTHERS = [
  'x-forwarded-for',
  'x-http-method-override',
  'x-request-id',
  'cookie',
  'origin',
  'referer',
  'range',
  'if-none-match',
  'if-modified-since',
  'te',
  'expect',
  'upgrade',
  'connection',
  'host',
  'user-agent',
  'accept-encoding',
  'accept-language',
  'forwarded',
  'x-original-url',
  'content-language',
  'prefer',
  'transfer-encoding',
];

function set(name: string, values: readonly string[]): Mutation {
  return (draft, random) => {
    draft.headers[name] = random.pick(values);
  };
}

function drop(name: string): Mutation {
  return (draft) => {
    delete draft.headers[name];
  };
}

/** Mutations of the method and the headers. */
export const HEAD_MUTATIONS = {
  method: (draft, random) => {
    draft.method = random.pick(METHODS.filter((method) => method !== 'CONNECT'));
  },
  mediaType: set('content-type', MEDIA_TYPES),
  noMediaType: drop('content-type'),
  contentEncoding: set('content-encoding', ENCODINGS),
  accept: set('accept', ACCEPTS),
  idempotencyKey: set('idempotency-key', IDEMPOTENCY_KEYS),
  ifMatch: set('if-match', TAGS),
  authorization: set('authorization', SCHEMES),
  noAuthorization: drop('authorization'),

  wrongLength: (draft, random) => {
    const length = draft.bytes?.length ?? 0;
    draft.headers['content-length'] = String(Math.max(0, length + random.between(-5, 5)));
  },

  otherHeader: (draft, random) => {
    draft.headers[random.pick(OTHERS)] = random.pick(HEADER_TEXTS);
  },

  twoTokens: (draft, random, world) => {
    draft.headers.authorization = `Bearer ${world.secret(random)}, Bearer ${world.secret(random)}`;
  },

  repeatMint: (draft, _, world) => {
    if (world.lastMint) Object.assign(draft, { ...world.lastMint, headers: { ...world.lastMint.headers } });
  },

  manyHeaders: (draft, random) => {
    const count = manyCount(random);
    for (let index = 0; index < count; index++) draft.headers[`x-${index}`] = '1';
  },
} satisfies Record<string, Mutation>;

function manyCount(random: FuzzRandom): number {
  return random.pick([90, 95, 96, 97, 98, 99, 100, 101, 300]);
}
