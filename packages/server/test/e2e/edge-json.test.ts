import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ListeningService, startListeningService } from '../harness/listening-service.ts';
import type { HeaderList } from '../harness/raw-http.ts';

const KEYS = '/api/v2/api-keys';

let service: ListeningService;

beforeAll(async () => {
  service = await startListeningService();
});
afterAll(() => service.close());

function createBytes(body: string | Buffer, headers: HeaderList = []): Buffer {
  return service.bytes({ method: 'POST', target: KEYS, headers, body });
}

/** A body that would create a key, with more JSON text among its members. */
function bodyWith(members: string): string {
  return `{"name":"json","userId":"${service.owner.userId}"${members}}`;
}

async function expectCreated(bytes: Buffer): Promise<void> {
  const [answer] = await service.send(bytes);
  expect(answer?.status, answer?.text).toBe(201);
}

describe('the media type of a body', () => {
  const unsupported = { status: 415, code: 'MEDIA_TYPE_UNSUPPORTED' };

  test.each([
    'application/json',
    'APPLICATION/JSON',
    'application/json;charset=utf-8',
    'application/json; charset=UTF-8',
    'application/json ; charset="utf-8"',
    'application/json;',
    'application/json; ;charset=utf-8;',
  ])('%s is read', async (type) => {
    await expectCreated(createBytes(bodyWith(''), [['Content-Type', type]]));
  });

  test.each([
    'text/plain',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
    'application/vnd.api+json',
    'application/problem+json',
    'application/json, text/plain',
    'application/json; charset=latin1',
    'application/json; charset=utf-16',
    'application/json; charset=utf-8; charset=utf-7',
    'application/json; boundary=x',
    'json',
    '*/*',
    ';',
    '',
    '\xff',
  ])('%j is answered with 415, and nothing is created', async (type) => {
    await service.expectError(createBytes(bodyWith(''), [['Content-Type', type]]), unsupported);
  });

  test('two Content-Type fields, or none, are rejected', async () => {
    const json = ['Content-Type', 'application/json'] as const;
    const both = createBytes(bodyWith(''), [json, json]);
    await service.expectError(both, { status: 400, code: 'REQUEST_MALFORMED' });
    const none = Buffer.from(
      createBytes(bodyWith(''))
        .toString()
        .replace(/Content-Type: .*\r\n/, ''),
    );
    await service.expectError(none, unsupported);
  });

  test.each(['gzip', 'br', 'deflate', 'identity', 'gzip, gzip', 'x'])(
    'a body with Content-Encoding %s is answered with 415 and never decompressed, and nothing is created',
    async (encoding) => {
      await service.expectError(createBytes(bodyWith(''), [['Content-Encoding', encoding]]), unsupported);
    },
  );

  test('a request without a body is accepted, although it has a Content-Encoding', async () => {
    const answer = await service.request({ headers: [['Content-Encoding', 'gzip']] });
    expect(answer.status).toBe(200);
  });
});

/** A value inside `depth` containers; the body of the call is one more. */
function nested(depth: number, open = '[', close = ']'): string {
  return open.repeat(depth) + close.repeat(depth);
}

function objects(depth: number): string {
  return `${'{"a":'.repeat(depth)}0${'}'.repeat(depth)}`;
}

function bytesInString(...bytes: number[]): Buffer {
  return Buffer.concat([Buffer.from('{"name":"'), Buffer.from(bytes), Buffer.from('"}')]);
}

function members(count: number): string {
  return Array.from({ length: count }, (_, index) => `"m${index}":0`).join(',');
}

const limit = (text: string) => () => bodyWith(`,"rateLimit":{"requestsPerDay":${text}}`);
const more = (text: string) => () => bodyWith(text);

const REJECTED: Readonly<Record<string, readonly [title: string, body: () => string | Buffer][]>> = {
  'it is empty': [['white space', () => ' \n\t ']],
  'it is not UTF-8': [
    ['UTF-16', () => Buffer.from(`\ufeff${bodyWith('')}`, 'utf16le')],
    ['Latin-1', () => Buffer.from(bodyWith(',"reason":"\xe9"'), 'latin1')],
    ['more bytes than a character needs', () => bytesInString(0xc0, 0xaf)],
    ['an encoded surrogate', () => bytesInString(0xed, 0xa0, 0x80)],
    ['a code point beyond Unicode', () => bytesInString(0xf4, 0x90, 0x80, 0x80)],
    ['a character cut off', () => bytesInString(0xe2, 0x82)],
  ],
  'it does not follow the JSON grammar': [
    ['a byte order mark', () => `\ufeff${bodyWith('')}`],
    ['a trailing byte', () => `${bodyWith('')}x`],
    ['a trailing NUL', () => `${bodyWith('')}\0`],
    ['a second value', () => `${bodyWith('')}${bodyWith('')}`],
    ['a line comment', () => `${bodyWith('')}// x`],
    ['a comment', more('/* x */')],
    ['a trailing comma', more(',')],
    ['single quotes', () => `{'name':'x'}`],
    ['a bare name', more(',expiresAt:null')],
    ['a control character in a string', more(',"reason":"a\nb"')],
    ['an unknown escape', more(String.raw`,"reason":"\x41"`)],
    ['an object that does not end', () => bodyWith('').slice(0, -1)],
    ['NaN', limit('NaN')],
    ['Infinity', limit('Infinity')],
    ['a leading zero', limit('01')],
    ['a plus', limit('+1')],
    ['a hexadecimal number', limit('0x1')],
  ],
  'a number is out of range': [
    ['1e400', limit('1e400')],
    ['-1e400', limit('-1e400')],
    ['-0', limit('-0')],
    ['-0.0', limit('-0.0')],
    ['-0e5', limit('-0e5')],
    ['an integer one beyond the safe ones', limit('9007199254740992')],
    ['a negative integer beyond the safe ones', limit('-9007199254740993')],
    ['a large number in exponents', limit('1e16')],
    ['twenty digits', limit('1'.repeat(20))],
  ],
  'a string has half of a surrogate pair': [
    ['the first half', more(String.raw`,"reason":"\ud83d"`)],
    ['the second half', more(String.raw`,"reason":"\ude00 x"`)],
    ['halves in the wrong order', more(String.raw`,"reason":"\ude00\ud83d"`)],
    ['in a name', more(String.raw`,"\ud83d":1`)],
  ],
  'an object has the same name twice': [
    ['name', more(',"name":"other"')],
    ['in escapes', more(String.raw`,"n\u0061me":"other"`)],
    ['userId', more(',"userId":"usr_other"')],
    ['deep inside', more(',"rateLimit":{"requestsPerDay":1,"requestsPerDay":2}')],
    ['in an object in a list', more(',"x":[[{"a":1},{"a":1,"b":"a","a":2}]]')],
    ['the empty name', more(',"":1,"":2')],
  ],
  'is not allowed': [
    ['__proto__', more(',"__proto__":{"isAdmin":true}')],
    ['__proto__ in escapes', more(String.raw`,"\u005f_proto__":{"isAdmin":true}`)],
    ['__proto__ deep inside', more(',"rateLimit":{"__proto__":{"requestsPerDay":1}}')],
    ['constructor', more(',"constructor":{"prototype":{"isAdmin":true}}')],
    ['prototype', more(',"prototype":{"isAdmin":true}')],
  ],
  'it is nested more than 16 levels deep': [
    ['17 levels with lists', more(`,"x":${nested(16)}`)],
    ['17 levels of objects', more(`,"x":${objects(16)}`)],
    ['30,000 levels of lists', () => nested(30_000)],
    ['60,000 brackets that never close', () => '['.repeat(60_000)],
    ['10,000 levels of objects', () => objects(10_000)],
  ],
  'an object has more than 256 members': [['257 members', more(`,"x":{${members(257)}}`)]],
  'it has more than 2000 values': [['2,000 items', more(`,"x":[${'0,'.repeat(1_999)}0]`)]],
};

describe.each(Object.entries(REJECTED))(
  'JSON is rejected because %s, and nothing is created',
  (reason, cases) => {
    test.each(cases)('%s', async (_, body) => {
      const bytes = createBytes(body(), [['Content-Type', 'application/json']]);
      const answer = await service.expectError(bytes, { status: 400, code: 'JSON_INVALID' });
      expect(answer.body.data.message).toMatch(/^The body is not acceptable JSON: /);
      expect(answer.body.data.message).toContain(reason);
    });
  },
);

test('no prototype was polluted', () => {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect({}).not.toHaveProperty('isAdmin');
});

describe('JSON that just fits within the limits is parsed and validated against the schema', () => {
  test.each([
    ['16 levels', more(`,"x":${nested(15)}`)],
    ['256 members', more(`,"x":{${members(256)}}`)],
    ['names that contain a forbidden one', more(',"__proto":1,"Constructor":2,"prototypes":3')],
    ['the same name in several objects', more(',"x":{"a":1},"y":[{"a":1},{"a":1}]')],
  ])('%s', async (_, body) => {
    await service.expectError(createBytes(body()), { status: 400, code: 'FIELD_UNKNOWN' });
  });

  test.each(['null', 'true', '0', '"text"', '[]', '[{}]', '{}'])(
    '%s is not a valid body of this call',
    async (body) => {
      await service.expectError(createBytes(body), { status: 400, code: 'VALIDATION_FAILED' });
    },
  );

  test.each([
    ['white space around', () => ` \r\n\t${bodyWith('')} \n`],
    ['escapes', () => bodyWith('').replace('"json"', String.raw`"\u006a\ud83d\ude00\/"`)],
    ['the largest limits', () => bodyWith(',"rateLimit":{"requestsPerMinute":1e6,"requestsPerDay":1.0E+9}')],
    ['an empty list', () => bodyWith(',"permissions":[]')],
  ])('%s', async (_, body) => {
    await expectCreated(createBytes(body()));
  });

  test('an optional body can be left out or be {}, but not null', async () => {
    const { apiKey } = await service.createKey();
    const target = `${KEYS}/${apiKey.id}`;
    const expected = { status: 400, code: 'VALIDATION_FAILED', method: 'DELETE', target };
    await service.expectError(service.bytes({ method: 'DELETE', target, body: 'null' }), expected);
    expect((await service.request({ method: 'DELETE', target, body: '{}' })).status).toBe(200);
    expect((await service.request({ method: 'DELETE', target })).status).toBe(200);
  });
});
