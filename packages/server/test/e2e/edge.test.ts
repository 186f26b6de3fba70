import { METHODS } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ENDPOINTS, needsAccount, redactSecrets } from '@latchkey/contract';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { generateKeyText } from '../../src/domain/shared/tokens.ts';
import { HOST, type ListeningService, startListeningService } from '../harness/listening-service.ts';
import {
  type HeaderList,
  parseAnswers,
  type RawAnswer,
  rawViolations,
  requestBytes,
} from '../harness/raw-http.ts';
import { SAMPLE_REQUESTS } from '../harness/sample-requests.ts';
import { makeSubject } from '../harness/subject.ts';

const KEYS = '/api/v2/api-keys';
/** Log entries, and the characters of each: together, more than the socket buffers hold when a client does not read. */
const LONG_ENTRIES = 40;
const ENTRY_CHARACTERS = 200_000;
const PERMISSIONS = '/api/v2/permissions';
const KIB = 1024;

let service: ListeningService;

beforeAll(async () => {
  service = await startListeningService();
});
afterAll(() => service.close());

/** A request that would create a key, with the head as it is given. */
function createBytes(headers: HeaderList, line = `POST ${KEYS} HTTP/1.1`): Buffer {
  const body = createBody();
  const described = [
    ['Content-Type', 'application/json'],
    ['Content-Length', String(Buffer.byteLength(body))],
  ] as const;
  return requestBytes(line, [...described, ...headers], body);
}

function createBody(more: Record<string, unknown> = {}): string {
  return JSON.stringify({ name: 'edge', userId: service.owner.userId, ...more });
}

const host = ['Host', HOST] as const;
const bearer = (token = service.owner.secret) => ['Authorization', `Bearer ${token}`] as const;

/** JSON text padded with white space, which adds to the size of the body but not to its value. */
function padded(json: string, bytes: number): string {
  return json.padEnd(bytes, ' ');
}

function chunked(body: string, size = 16 * KIB): string {
  const chunks: string[] = [];
  for (let at = 0; at < body.length; at += size) {
    const part = body.slice(at, at + size);
    chunks.push(`${part.length.toString(16)}\r\n${part}\r\n`);
  }
  return `${chunks.join('')}0\r\n\r\n`;
}

function percentEncoded(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

test('the same request without an error creates a key, so the errors below have the cause that their tests name', async () => {
  const [answer] = await service.send(createBytes([host, bearer()]));
  expect(answer?.status).toBe(201);
});

describe('Host', () => {
  const malformed = { status: 400, code: 'REQUEST_MALFORMED' };

  test('two Host headers are rejected, equal or not, and nothing is created', async () => {
    await service.expectError(createBytes([host, host, bearer()]), malformed);
    await service.expectError(createBytes([host, ['host', 'other.test'], bearer()]), malformed);
  });

  test('HTTP/1.1 without Host is rejected, HTTP/1.0 without it is accepted', async () => {
    await service.expectError(createBytes([bearer()]), malformed);
    const [answer] = await service.send(createBytes([bearer()], `POST ${KEYS} HTTP/1.0`));
    expect(answer?.status).toBe(201);
  });

  test('a target in absolute form is answered for this host, in any case', async () => {
    for (const authority of [HOST, HOST.toUpperCase()]) {
      const target = `http://${authority}${KEYS}`;
      const [answer] = await service.send(createBytes([host, bearer()], `POST ${target} HTTP/1.1`));
      expect(answer?.status).toBe(201);
    }
  });

  test.each([
    'http://other.test',
    'https://other.test:443',
    `http://${HOST}:81`,
    `http://user@${HOST}`,
    'http://',
  ])('a target in absolute form for %s is rejected, and nothing is created', async (origin) => {
    await service.expectError(createBytes([host, bearer()], `POST ${origin}${KEYS} HTTP/1.1`), malformed);
  });

  test('a target with another scheme is answered with 404', async () => {
    const bytes = createBytes([host, bearer()], `POST ftp://${HOST}${KEYS} HTTP/1.1`);
    await service.expectError(bytes, { status: 404, code: 'ROUTE_NOT_FOUND', target: '/' });
  });
});

describe('Authorization', () => {
  const invalidRequest = 'Bearer realm="latchkey", error="invalid_request"';

  test.each([
    ['two Authorization headers', () => [bearer(), bearer()]],
    ['two Authorization headers, one of another scheme', () => [['authorization', 'Basic YTpi'], bearer()]],
    ['characters outside ASCII', () => [['Authorization', `Bearer ${service.owner.secret}\xe9`]]],
    ['Bearer without a token', () => [['Authorization', 'Bearer']]],
    ['Bearer and a space', () => [['Authorization', 'Bearer ']]],
    ['an empty header', () => [['Authorization', '']]],
    ['two tokens', () => [['Authorization', `Bearer ${service.owner.secret} ${service.owner.secret}`]]],
    ['two credentials in a list', () => [['Authorization', `Bearer ${service.owner.secret}, Basic YTpi`]]],
    ['a token in quotes', () => [['Authorization', `Bearer "${service.owner.secret}"`]]],
  ] as [string, () => HeaderList][])(
    '%s: 400 with a challenge, and nothing is created',
    async (_, headers) => {
      const expected = { status: 400, code: 'CREDENTIALS_MALFORMED' };
      const answer = await service.expectError(createBytes([host, ...headers()]), expected);
      expect(answer.headers['www-authenticate']).toBe(invalidRequest);
      expect(answer.text).not.toContain(service.owner.secret);
    },
  );

  test.each([
    ['no Authorization', []],
    ['another scheme', [['Authorization', 'Basic YTpi']]],
    ['another scheme alone', [['Authorization', 'Negotiate']]],
    ['only Proxy-Authorization', [['Proxy-Authorization', 'Bearer x']]],
    ['only a cookie', [['Cookie', 'authorization=x']]],
    ['only X-Api-Key', [['X-Api-Key', 'x']]],
  ] as [string, HeaderList][])(
    '%s: 401 with a bare challenge, and nothing is created',
    async (_, headers) => {
      const answer = await service.expectError(createBytes([host, ...headers]), {
        status: 401,
        code: 'CREDENTIALS_MISSING',
      });
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="latchkey"');
    },
  );

  test('every 401 and 403 for a bearer token has the reason in its WWW-Authenticate challenge (RFC 6750)', async () => {
    const keyWith = async (body: object) => (await service.createKey({ ...body })) as KeyAndSecret;
    const change = (key: KeyAndSecret, method: string, body?: object) =>
      service.call(method, `${KEYS}/${key.apiKey.id}`, { as: service.owner.secret, body });
    const expired = await keyWith({ expiresAt: new Date(service.clock.now() + 1).toISOString() });
    service.clock.advance(1);
    const disabled = await keyWith({});
    await change(disabled, 'PATCH', { isActive: false });
    const revoked = await keyWith({});
    await change(revoked, 'DELETE');
    const powerless = await keyWith({ permissions: [] });
    for (const [token, status, code, parameters] of [
      [generateKeyText('lk', 'live'), 401, 'KEY_INVALID', 'error="invalid_token"'],
      [`${service.owner.secret}0`, 401, 'KEY_INVALID', 'error="invalid_token"'],
      ['x', 401, 'KEY_INVALID', 'error="invalid_token"'],
      [expired.key, 401, 'KEY_EXPIRED', 'error="invalid_token"'],
      [disabled.key, 401, 'KEY_DISABLED', 'error="invalid_token"'],
      [revoked.key, 401, 'KEY_REVOKED', 'error="invalid_token"'],
      [powerless.key, 403, 'PERMISSION_DENIED', 'error="insufficient_scope", scope="api-keys:write"'],
    ] as const) {
      const answer = await service.expectError(createBytes([host, bearer(token)]), { status, code });
      expect(answer.headers['www-authenticate']).toBe(`Bearer realm="latchkey", ${parameters}`);
    }
  });
});

interface KeyAndSecret {
  readonly apiKey: { readonly id: string };
  readonly key: string;
}

describe('a key in the URL is rejected, valid or not, and appears neither in the response nor in the logs', () => {
  const spellings: [string, (key: string) => string][] = [
    ['in the path', (key) => `${KEYS}/${key}`],
    ['in the path, percent-encoded', (key) => `${KEYS}/${percentEncoded(key)}`],
    [
      'in the path, half of it percent-encoded',
      (key) => `${KEYS}/${percentEncoded(key.slice(0, 20))}${key.slice(20)}`,
    ],
    ['in an unknown path', (key) => `/${key}`],
    ['in the query', (key) => `${PERMISSIONS}?x=${key}`],
    ['in the query, percent-encoded', (key) => `${PERMISSIONS}?x=${percentEncoded(key)}`],
    [
      'in the query, percent-encoded twice',
      (key) => `${PERMISSIONS}?x=${percentEncoded(percentEncoded(key))}`,
    ],
    ['as the name of a parameter', (key) => `${PERMISSIONS}?${key}`],
    ['in a search', (key) => `${KEYS}?search=${key}`],
    ['in an absolute target', (key) => `http://${HOST}${PERMISSIONS}?x=${key}`],
    ['beside a broken percent-encoding', (key) => `${PERMISSIONS}?x=${percentEncoded(key)}&y=%zz`],
    ['beside a broken percent-encoding in the path', (key) => `${KEYS}/${percentEncoded(key)}%zz`],
    ['under the name access_token', (key) => `${PERMISSIONS}?access_token=${key}`],
    ['under the name api%5Fkey', (key) => `${PERMISSIONS}?api%5Fkey=${key}`],
  ];

  test.each(spellings)('%s', async (_, targetWith) => {
    for (const key of [service.owner.secret, generateKeyText('lk', 'test')]) {
      const target = targetWith(key);
      const before = service.logs.length;
      const answer = await service.expectError(service.bytes({ target }), {
        status: 400,
        code: 'CREDENTIALS_IN_URL',
        method: 'GET',
        target: PERMISSIONS,
      });
      expect(answer.headers['www-authenticate']).toContain('error="invalid_request"');
      expectAbsent(key, answer.text, service.logs.slice(before).join(''));
    }
  });

  test('any value of a parameter that is named like a credential', async () => {
    const names = ['api_key', 'apikey', 'api-key', 'access_token', 'authorization', 'Bearer'];
    for (const target of names.map((name) => `${PERMISSIONS}?a=b&${name}=hunter2hunter2`)) {
      const expected = { status: 400, code: 'CREDENTIALS_IN_URL', method: 'GET', target: PERMISSIONS };
      const answer = await service.expectError(service.bytes({ target }), expected);
      expect(answer.text + service.logs.join('')).not.toContain('hunter2');
    }
  });
});

function expectAbsent(key: string, ...texts: string[]): void {
  for (const text of texts) {
    const decoded = text.replaceAll(/%25/g, '%').replaceAll(/%([0-7][0-9a-f])/gi, (_, hex: string) => {
      return String.fromCharCode(Number.parseInt(hex, 16));
    });
    for (const form of [text, decoded]) {
      expect(form).not.toContain(key.slice(8, 40));
      expect(redactSecrets(form)).toBe(form);
    }
  }
}

test('a key sent in place of an id does not appear in the response: not in results of a bulk call, not in errors', async () => {
  const key = service.owner.secret;
  const before = await service.state();
  for (const [method, body] of [
    ['PUT', { apiKeys: [{ id: key, name: 'x' }] }],
    ['DELETE', { ids: [key, key] }],
  ] as const) {
    const answer = await service.request({ method, target: KEYS, body: JSON.stringify(body) });
    expect(answer.status).toBe(200);
    expect(answer.body.data.result.errors[0]).toMatchObject({ id: 'lk_live_…', code: 'NOT_FOUND' });
    expectAbsent(key, answer.text);
  }
  expect(await service.state()).toBe(before);
});

test('If-Match in two fields is one list (RFC 9110, 5.3)', async () => {
  const [created] = await service.send(createBytes([host, bearer()]));
  const target = `${KEYS}/${created?.body.data.result.apiKey.id}`;
  const body = JSON.stringify({ name: 'changed' });
  const change = (...tags: string[]) =>
    service.request({
      method: 'PATCH',
      target,
      body,
      headers: tags.map((tag) => ['If-Match', tag] as const),
    });
  expect((await change('"other"', '"9"')).status).toBe(412);
  expect((await change('"other"', '"1"')).status).toBe(200);
});

describe('methods', () => {
  const paths = [...new Set(ENDPOINTS.map(({ path }) => path.replaceAll(/\{\w+\}/g, 'key_x')))];
  const anyMethod = METHODS.filter((method) => method !== 'CONNECT');

  /** The endpoints of the table that match a concrete path. */
  function allowedAt(path: string): Set<string> {
    const at = ENDPOINTS.filter(({ path: template }) =>
      new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
    );
    return new Set(at.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])));
  }

  test.each(paths)('%s answers 405 with Allow to every other method, and nothing changes', async (path) => {
    const allowed = allowedAt(path);
    const others = anyMethod.filter((method) => !allowed.has(method));
    expect(others).toEqual(expect.arrayContaining(['TRACE', 'OPTIONS', 'PROPFIND', 'PURGE']));
    const before = await service.state();
    for (const method of others) {
      const answer = await service.request({ method, target: path });
      expect(answer.status, method).toBe(405);
      if (method !== 'HEAD') expect(answer.body.data.error.code, method).toBe('METHOD_NOT_ALLOWED');
      expect(new Set(answer.headers.allow?.split(', '))).toEqual(allowed);
    }
    expect(await service.state()).toBe(before);
  });

  test('TRACE does not echo the request', async () => {
    const answer = await service.request({
      method: 'TRACE',
      target: PERMISSIONS,
      headers: [['X-Canary', 'mark-7']],
    });
    expect(answer.status).toBe(405);
    expect(answer.text).not.toMatch(/mark-7|Bearer lk/);
  });

  test.each(['FETCH', 'get', 'GET/', 'G\u0000T', 'GÉT'])(
    'the unknown method %j is rejected as a malformed request',
    async (method) => {
      const bytes = createBytes([host, bearer()], `${method} ${KEYS} HTTP/1.1`);
      await service.expectError(bytes, { status: 400, code: 'REQUEST_MALFORMED' });
    },
  );

  test('CONNECT is answered with 405 in our envelope, and the connection is closed', async () => {
    for (const target of ['example.org:443', PERMISSIONS]) {
      const answer = await service.expectError(service.bytes({ method: 'CONNECT', target }), {
        status: 405,
        code: 'METHOD_NOT_ALLOWED',
        method: 'CONNECT',
      });
      expect(answer.headers).toMatchObject({ connection: 'close', allow: expect.stringContaining('GET') });
    }
  });

  test('CONNECT after a long response that the client reads slowly is answered after the end of that response', async () => {
    const own = await startListeningService();
    onTestFinished(() => own.close());
    for (let sequence = 1; sequence <= LONG_ENTRIES; sequence++) {
      await own.createKey();
      await own.editAudit(sequence, { actor_email: 'x'.repeat(ENTRY_CHARACTERS) });
    }
    const socket = connect(own.port, '127.0.0.1');
    const received: Buffer[] = [];
    socket.write(own.bytes({ target: '/api/v2/workspaces/logs/export' }));
    socket.write(own.bytes({ method: 'CONNECT', target: 'a:1' }));
    await new Promise((resolve) => setTimeout(resolve, 500));
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
    expect(parseAnswers(Buffer.concat(received)).map(({ status }) => status)).toEqual([200, 405]);
  });

  test('a connection is closed after such an error, whatever the client still sends on it', async () => {
    const endings = [service.bytes({ method: 'CONNECT', target: 'a:1' }), Buffer.from('\x01\r\n\r\n')];
    for (const ending of endings) {
      const socket = connect(service.port, '127.0.0.1');
      socket.on('error', () => {}).resume();
      socket.write(Buffer.concat([service.bytes(), ending, Buffer.alloc(100_000, 'x')]));
      await new Promise<void>((resolve) => socket.once('close', () => resolve()));
    }
    const { server } = service.app;
    const countOpen = promisify(server.getConnections.bind(server));
    await expect.poll(countOpen, { timeout: 10_000 }).toBe(0);
  });

  describe.each(['websocket', 'h2c', 'TLS/1.0'])('an offer to upgrade to %s', (protocol) => {
    const headers: HeaderList = [
      ['Connection', 'Upgrade'],
      ['Upgrade', protocol],
      ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
    ];

    test('is ignored', async () => {
      const answer = await service.request({ target: PERMISSIONS, headers });
      expect(answer.status).toBe(200);
      expect(answer.headers).not.toHaveProperty('upgrade');
    });

    test('closes the connection after its response, so that the bytes that follow are not parsed as a request', async () => {
      const create = service.bytes({ method: 'POST', target: KEYS, body: createBody() });
      const before = await service.state();
      for (const method of ['GET', 'HEAD']) {
        const bytes = Buffer.concat([service.bytes({ method, target: PERMISSIONS, headers }), create]);
        const answers = await service.send(bytes, { answers: 2, head: method === 'HEAD' });
        expect(answers.map(({ status }) => status)).toEqual([200]);
        expect(answers[0]?.headers.connection).toBe('close');
      }
      expect(await service.state()).toBe(before);
    });
  });

  test('HEAD of every GET route has the status and the headers of GET, and no body', async () => {
    const subject = await makeSubject(service);
    const gets = ENDPOINTS.filter((endpoint) => endpoint.method === 'GET' && !needsAccount(endpoint));
    expect(gets.length).toBeGreaterThan(5);
    for (const { id } of gets) {
      const target = SAMPLE_REQUESTS[id]?.(subject).url ?? '';
      const get = await service.request({ target });
      const head = await service.request({ method: 'HEAD', target });
      expect(head.status, target).toBe(get.status);
      // A streamed response has no Content-Length, and without a body it has no Transfer-Encoding.
      const { 'x-request-id': _, date: __, 'transfer-encoding': ___, ...fields } = get.headers;
      expect(head.headers).toMatchObject(fields);
      // The client would parse bytes of a body as the start of the next response.
      const bytes = Buffer.concat([
        service.bytes({ method: 'HEAD', target }),
        service.bytes({ method: 'HEAD', target }),
      ]);
      expect((await service.send(bytes, { answers: 2, head: true })).map(({ status }) => status)).toEqual([
        200, 200,
      ]);
    }
  });
});

describe('paths', () => {
  test.each([
    '/nope',
    '/api/v2',
    `${KEYS}/a/b`,
    `/${KEYS}`,
    `${PERMISSIONS}/`,
    `${PERMISSIONS};v=1`,
    '/API/v2/me',
  ])('%s is nothing: 404', async (target) => {
    const answer = await service.request({ target });
    expect([answer.status, answer.body.data.error.code]).toEqual([404, 'ROUTE_NOT_FOUND']);
  });

  test.each([
    '/__proto__',
    '/constructor',
    '/toString',
    '/api/v1/api-keys',
    '/*',
    '/.env',
    '/..%2f..%2fetc/passwd',
  ])('%s is nothing: 404', async (target) => {
    expect((await service.request({ target })).body.data.error.code).toBe('ROUTE_NOT_FOUND');
  });

  test.each([`${PERMISSIONS}?%zz`, `${KEYS}/%zz`, `${KEYS}/%ff`, `${KEYS}/%e2%82`, `${PERMISSIONS}?a=%`])(
    '%s has a broken percent-encoding: 400',
    async (target) => {
      expect((await service.request({ target })).body.data.error.code).toBe('REQUEST_MALFORMED');
    },
  );

  test.each(['%00', 'a%2Fb', '..', '%2e%2e', 'key_x%0d%0aX-Injected:%201', "'%20OR%201=1--"])(
    'the id %s is an unknown id, and adds no header',
    async (id) => {
      const answer = await service.request({ target: `${KEYS}/${id}` });
      expect([answer.status, answer.body.data.error.code]).toEqual([404, 'NOT_FOUND']);
      expect(answer.headers).not.toHaveProperty('x-injected');
    },
  );

  test('an id longer than any id: 400, and far longer: 414', async () => {
    const withId = (length: number) => service.request({ target: `${KEYS}/${'x'.repeat(length)}` });
    expect((await withId(64)).status).toBe(404);
    expect((await withId(65)).body.data.error.code).toBe('VALIDATION_FAILED');
    expect((await withId(2_000)).body.data.error.code).toBe('URL_TOO_LONG');
  });
});

describe('sizes', () => {
  const many = (count: number): HeaderList =>
    Array.from({ length: count }, (_, index) => [`X-${index}`, '1'] as const);

  test('100 header fields are read, the credential at their end too', async () => {
    const [answer] = await service.send(createBytes([host, ...many(96), bearer()]));
    expect(answer?.status).toBe(201);
  });

  test.each([101, 250, 1_500])('%d header fields with the credential at their end: 431', async (count) => {
    const bytes = createBytes([host, ...many(count - 4), bearer()]);
    await service.expectError(bytes, { status: 431, code: 'HEADERS_TOO_LARGE' });
  });

  test('more than 16 KiB of header: 431, and the connection is closed', async () => {
    for (const headers of [
      [['X', 'x'.repeat(17 * KIB)]],
      many(16).map(([name]) => [name, 'x'.repeat(1_100)]),
    ]) {
      const bytes = createBytes([host, bearer(), ...(headers as unknown as HeaderList)]);
      const answer = await service.expectError(bytes, { status: 431, code: 'HEADERS_TOO_LARGE' });
      expect(answer.headers.connection).toBe('close');
    }
  });

  test('a URL of 8 KiB is read, one character more: 414', async () => {
    const urlOf = (length: number) => `${PERMISSIONS}?x=`.padEnd(length, 'x');
    const read = await service.request({ target: urlOf(8 * KIB) });
    expect([read.status, read.body.data.error.code]).toEqual([400, 'FIELD_UNKNOWN']);
    const answer = await service.request({ target: urlOf(8 * KIB + 1) });
    expect([answer.status, answer.body.data.error.code]).toEqual([414, 'URL_TOO_LONG']);
  });

  const tooLarge = { status: 413, code: 'BODY_TOO_LARGE' };
  const transferChunked = ['Transfer-Encoding', 'chunked'] as const;

  test('a body of exactly 64 KiB is read; one byte more: 413, and the connection is closed', async () => {
    const create = { method: 'POST', target: KEYS };
    expect((await service.request({ ...create, body: padded(createBody(), 64 * KIB) })).status).toBe(201);
    const bytes = service.bytes({ ...create, body: padded(createBody(), 64 * KIB + 1) });
    const answer = await service.expectError(bytes, tooLarge);
    expect(answer.headers.connection).toBe('close');
  });

  test.each(['sessions', 'sign-in-links/request', 'workspaces/invitations/accept'])(
    'a body of POST /%s, which needs no credential, is read up to 1 KiB; one byte more: 413',
    async (path) => {
      const call = { method: 'POST', target: `/api/v2/${path}`, as: null };
      expect((await service.request({ ...call, body: padded('{}', KIB) })).status).toBe(400);
      const bytes = service.bytes({ ...call, body: padded('{}', KIB + 1) });
      await service.expectError(bytes, { ...tooLarge, target: call.target });
    },
  );

  test('the same limits apply to a chunked body without Content-Length', async () => {
    const bytesOf = (size: number) =>
      service.bytes({
        method: 'POST',
        target: KEYS,
        headers: [transferChunked],
        body: chunked(padded(createBody(), size)),
      });
    const [answer] = await service.send(bytesOf(64 * KIB));
    expect(answer?.status).toBe(201);
    await service.expectError(bytesOf(64 * KIB + 1), tooLarge);
    await service.expectError(bytesOf(1_024 * KIB), tooLarge);
  });

  test('a bulk body of exactly 320 KiB is read; one byte more: 413', async () => {
    const { keyId } = await makeSubject(service);
    const body = JSON.stringify({ apiKeys: [{ id: keyId, name: 'padded' }] });
    const bulk = { method: 'PUT', target: KEYS };
    expect((await service.request({ ...bulk, body: padded(body, 320 * KIB) })).status).toBe(200);
    const more = padded(body, 320 * KIB + 1);
    await service.expectError(service.bytes({ ...bulk, body: more }), { ...tooLarge, method: 'PUT' });
    const inChunks = service.bytes({ ...bulk, headers: [transferChunked], body: chunked(more) });
    await service.expectError(inChunks, { ...tooLarge, method: 'PUT' });
  });

  test('a length that announces too much: 413 before any of it is sent', async () => {
    const bytes = service.bytes({
      method: 'POST',
      target: KEYS,
      headers: [['Content-Length', String(64 * KIB + 1)]],
      body: '',
    });
    const started = Date.now();
    await service.expectError(bytes, tooLarge);
    expect(Date.now() - started).toBeLessThan(2_000);
  });

  test('a Content-Length below the size of the body: the truncated body is rejected, the rest is not parsed as a request', async () => {
    const bytes = service.bytes({
      method: 'POST',
      target: KEYS,
      headers: [['Content-Length', '10']],
      body: createBody(),
    });
    await service.expectError(bytes, { status: 400, code: 'JSON_INVALID' }, { answers: 2 });
  });

  test('a Content-Length above the size of the body: nothing is created when the client disconnects', async () => {
    const body = createBody();
    const headers: HeaderList = [['Content-Length', String(body.length + 1)]];
    const bytes = service.bytes({ method: 'POST', target: KEYS, headers, body });
    await service.expectError(bytes, { status: 400, code: 'REQUEST_MALFORMED' }, { end: true, answers: 2 });
  });
});

describe('framing', () => {
  const body = '{"name":"x"}';
  const lines = (...parts: string[]) => `${parts.join('\r\n')}\r\n\r\n`;
  // Without a credential, so that a head that is wrongly parsed as complete shows: it is answered with 401.
  const head = [`POST ${KEYS} HTTP/1.1`, `Host: ${HOST}`, 'Content-Type: application/json'];
  const length = `Content-Length: ${body.length}`;
  const chunks = 'Transfer-Encoding: chunked';

  test.each([
    ['Content-Length and Transfer-Encoding', lines(...head, length, chunks) + body],
    ['Transfer-Encoding and Content-Length', lines(...head, chunks, length) + chunked(body)],
    ['two Content-Length', lines(...head, length, 'Content-Length: 3') + body],
    ['twice the same Content-Length', lines(...head, length, length) + body],
    ['a list as Content-Length', lines(...head, `${length}, ${body.length}`) + body],
    ['a signed Content-Length', lines(...head, `Content-Length: +${body.length}`) + body],
    ['a negative Content-Length', lines(...head, 'Content-Length: -1') + body],
    ['a hexadecimal Content-Length', lines(...head, 'Content-Length: 0xc') + body],
    ['a Content-Length beyond all numbers', lines(...head, `Content-Length: ${'9'.repeat(30)}`) + body],
    ['an unknown Transfer-Encoding', lines(...head, 'Transfer-Encoding: xchunked') + chunked(body)],
    ['chunked not last', lines(...head, 'Transfer-Encoding: chunked, gzip') + chunked(body)],
    ['two Transfer-Encoding', lines(...head, chunks, 'Transfer-Encoding: identity') + chunked(body)],
    ['a folded header', lines(head[0] as string, 'X-Folded: a', ' b', ...head.slice(1), length) + body],
    ['a bare line feed between lines', lines(...head, length).replaceAll('\r\n', '\n') + body],
    ['a bare line feed behind a header', lines(...head, 'X-A: b\nX-C: d', length) + body],
    ['a bare carriage return in a header', lines(...head, 'X-A: b\rX-C: d', length) + body],
    ['NUL in a header', lines(...head, 'X-A: b\0c', length) + body],
    ['NUL in the target', lines(`POST ${KEYS}\0 HTTP/1.1`, ...head.slice(1), length) + body],
    ['a space before the colon', lines(...head, `Content-Length : ${body.length}`) + body],
    ['a header without a name', lines(...head, ': x', length) + body],
    ['a header without a colon', lines(...head, 'X-A', length) + body],
    [
      'a byte outside ASCII in the target',
      lines(`POST ${KEYS}/\xe9 HTTP/1.1`, ...head.slice(1), length) + body,
    ],
    ['a version that does not exist', lines(`POST ${KEYS} HTTP/1.9`, ...head.slice(1), length) + body],
    ['HTTP/2 without negotiation', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03'],
    ['no HTTP at all', 'hello\r\n\r\n'],
  ])('%s: one 400 in our envelope, the connection closed, nothing changed', async (_, text) => {
    const bytes = Buffer.from(text, 'latin1');
    const expected = { status: 400, code: 'REQUEST_MALFORMED' };
    const answer = await service.expectError(bytes, expected, { answers: 2, end: true });
    expect(answer.headers.connection).toBe('close');
  });

  test.each(['zz', '-1', '2', '0x1', '1 2', 'ffffffffffffffffff', ''])(
    'a body in chunks of which one has the size %j: 400, and nothing is created',
    async (size) => {
      const broken = `${size}\r\n${createBody()}\r\n0\r\n\r\n`;
      const headers = [['Transfer-Encoding', 'chunked']] as const;
      const bytes = service.bytes({ method: 'POST', target: KEYS, headers, body: broken });
      await service.expectError(bytes, { status: 400, code: 'REQUEST_MALFORMED' }, { answers: 2, end: true });
    },
  );

  test.each(['0.9', '2.0'])('HTTP/%s in the request line: 400', async (version) => {
    const bytes = Buffer.from(`GET ${PERMISSIONS} HTTP/${version}\r\nHost: ${HOST}\r\n\r\n`);
    await service.expectError(bytes, { status: 400, code: 'REQUEST_MALFORMED' }, { end: true });
  });

  test.each([
    ['POST', `${KEYS}/`],
    ['GET', `${KEYS}/`],
    ['GET', '/api/v2/me/'],
  ])('%s %s: 404 that names the slash at the end', async (method, target) => {
    const answer = await service.request({ method, target });
    expect([answer.status, answer.body.data.error.code]).toEqual([404, 'ROUTE_NOT_FOUND']);
    expect(answer.body.data.message).toContain('slash');
  });

  test.each([
    ['PUT', '/api/v2/workspaces//roles/role_01'],
    ['PATCH', `${KEYS}//`],
    ['DELETE', '/api/v2/workspaces//members/%2F'],
  ])('%s %s with a body: 404, since a part of a path has at least one character', async (method, target) => {
    const answer = await service.request({ method, target, body: createBody() });
    expect([answer.status, answer.body.data.error.code]).toEqual([404, 'ROUTE_NOT_FOUND']);
  });

  test('a head that ends in the middle: 400', async () => {
    const bytes = `GET ${PERMISSIONS} HTTP/1.1\r\nHo`;
    await service.expectError(bytes, { status: 400, code: 'REQUEST_MALFORMED' }, { answers: 2, end: true });
  });
});

describe('pipelined requests', () => {
  const get = (target: string) => service.bytes({ target });
  const create = () => service.bytes({ method: 'POST', target: KEYS, body: createBody() });
  const outcomes = (answers: readonly RawAnswer[]) =>
    answers.map(({ status, body }) => `${status} ${body?.data?.error?.code ?? body?.data?.message}`);

  test('are answered in order, fast and slow, valid and invalid, also when the service ignores some of their bodies', async () => {
    const unread = { method: 'POST', target: PERMISSIONS, body: createBody() };
    const requests = [
      get(PERMISSIONS),
      create(),
      get('/nope'),
      service.bytes({ target: '/api/v2/me', body: '{"a field":"that GET does not know"}' }),
      service.bytes(unread),
      service.bytes({ method: 'POST', target: KEYS, body: createBody(), as: null }),
      service.bytes({ method: 'POST', target: KEYS, body: 'x', headers: [['Content-Type', 'text/plain']] }),
      create(),
      get('/health/live'),
    ];
    const answers = await service.send(Buffer.concat(requests), { answers: requests.length });
    expect(outcomes(answers)).toEqual([
      '200 Permissions listed',
      '201 API key created',
      '404 ROUTE_NOT_FOUND',
      '400 FIELD_UNKNOWN',
      '405 METHOD_NOT_ALLOWED',
      '401 CREDENTIALS_MISSING',
      '415 MEDIA_TYPE_UNSUPPORTED',
      '201 API key created',
      '200 Alive',
    ]);
  });

  const last: [string, () => Buffer, string][] = [
    ['garbage', () => Buffer.from('\x01\x02\r\n\r\n'), '400 REQUEST_MALFORMED'],
    [
      'too large a header',
      () => service.bytes({ headers: [['X', 'x'.repeat(17 * KIB)]] }),
      '431 HEADERS_TOO_LARGE',
    ],
    ['CONNECT', () => service.bytes({ method: 'CONNECT', target: 'a:1' }), '405 METHOD_NOT_ALLOWED'],
    ['half a request', () => create().subarray(0, -3), '400 REQUEST_MALFORMED'],
  ];

  test.each(last)(
    '%s after other requests is answered last: no response is lost',
    async (_, lastBytes, lastOutcome) => {
      const bytes = Buffer.concat([create(), get(PERMISSIONS), create(), lastBytes()]);
      const answers = await service.send(bytes, { answers: 5, end: true });
      expect(outcomes(answers)).toEqual([
        '201 API key created',
        '200 Permissions listed',
        '201 API key created',
        lastOutcome,
      ]);
      expect(answers[0]?.body.data.result.key).toMatch(/^lk_live_/);
      expect(rawViolations('CONNECT', 'a:1', answers[3] as RawAnswer)).toEqual([]);
    },
  );
});

describe('RFC 9457', () => {
  test('with Accept: application/problem+json a failure is a problem with the same facts, otherwise our envelope', async () => {
    const ask = (accept: string) =>
      service.request({ target: `${KEYS}/key_x`, headers: [['Accept', accept]] });
    const plain = await ask('application/json');
    for (const accept of ['application/problem+json', 'application/json;q=0.9, application/problem+json']) {
      const problem = await ask(accept);
      expect(problem.headers['content-type']).toBe('application/problem+json; charset=utf-8');
      expect(problem.body).toEqual({
        type: 'urn:latchkey:error:NOT_FOUND',
        title: 'Not found',
        status: 404,
        detail: plain.body.data.message,
        instance: `urn:latchkey:request:${problem.headers['x-request-id']}`,
        code: 'NOT_FOUND',
        requestId: problem.headers['x-request-id'],
        retryable: false,
        errors: plain.body.data.error.details,
      });
    }
  });

  test('an envelope where Accept prefers application/json or rules problems out (RFC 9110, 12.5.1)', async () => {
    for (const accept of [
      'application/problem+json;q=0, application/json',
      'application/json, application/problem+json;q=0.9',
    ]) {
      const { headers } = await service.request({ target: `${KEYS}/key_x`, headers: [['Accept', accept]] });
      expect(headers['content-type']).toBe('application/json; charset=utf-8');
    }
  });

  const accept = ['Accept', 'application/problem+json'] as const;

  test.each([
    ['CONNECT', () => service.bytes({ method: 'CONNECT', target: 'a:1', headers: [accept] }), 405],
    ['too large a head', () => service.bytes({ headers: [accept, ['X', 'x'.repeat(17 * KIB)]] }), 431],
    ['a field name with a space', () => service.bytes({ headers: [accept, ['A b', 'x']] }), 400],
  ])('what is answered on the socket itself is a problem, too: %s', async (_, bytes, status) => {
    const [answer] = await service.send(bytes(), { answers: 1 });
    expect(answer?.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer?.body).toMatchObject({ status, type: expect.stringMatching(/^urn:latchkey:error:/) });
  });

  test('a success has the same body in both cases', async () => {
    const answer = await service.request({ headers: [accept] });
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  });
});

describe('slow clients', () => {
  /** Writes one byte every 250 ms, and resolves when the service closes the connection. */
  async function trickle(start: Buffer, rest: Buffer): Promise<{ seconds: number; answers: RawAnswer[] }> {
    const socket = connect(service.port, '127.0.0.1');
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('error', () => {});
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const started = Date.now();
    socket.write(start);
    let isOpen = true;
    void closed.then(() => {
      isOpen = false;
    });
    for (let at = 0; isOpen && at < rest.length; at++) {
      socket.write(rest.subarray(at, at + 1));
      await Promise.race([closed, wait(250)]);
    }
    await closed;
    return { seconds: (Date.now() - started) / 1_000, answers: parseAnswers(Buffer.concat(received)) };
  }

  test('a header that trickles is dropped within about 10 s, a body that trickles or stalls after 5 s, and others are served meanwhile', async () => {
    const before = await service.state();
    const headers = service.bytes({
      method: 'POST',
      target: KEYS,
      headers: [['X-Slow', 'x'.repeat(1_000)]],
      body: '',
    });
    const body = Buffer.from(padded(createBody(), 1_000));
    const withBody = service.bytes({ method: 'POST', target: KEYS, body });
    const slowHeader = trickle(headers.subarray(0, 100), headers.subarray(100));
    const slowBody = trickle(withBody.subarray(0, -body.length), body);
    const silent = trickle(withBody.subarray(0, -1), Buffer.alloc(0));
    expect((await service.request()).status).toBe(200);

    const header = await slowHeader;
    expect(header.seconds).toBeGreaterThan(7);
    expect(header.seconds).toBeLessThan(12);
    const bodies = [await slowBody, await silent];
    for (const { seconds } of bodies) {
      expect(seconds).toBeGreaterThan(4);
      expect(seconds).toBeLessThan(8);
    }
    for (const { answers } of [header, ...bodies]) {
      const errors = answers.map((answer) => [answer.status, answer.body.data.error.code]);
      expect(errors).toEqual([[400, 'REQUEST_MALFORMED']]);
    }
    expect((await service.request()).status).toBe(200);
    expect(await service.state()).toBe(before);
  }, 45_000);
});

test('none of these requests logged an error of the service, or wrote a key into the logs', () => {
  expect(service.logs.length).toBeGreaterThan(100);
  for (const line of service.logs) {
    expect(JSON.parse(line).level, line).toBeLessThan(50);
    expect(redactSecrets(line)).toBe(line);
  }
});
