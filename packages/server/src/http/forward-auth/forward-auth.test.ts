import { METHODS } from 'node:http';
import { FORWARD_AUTH_PATH as PATH } from '@latchkey/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exchange, type HeaderList, requestBytes } from '../../../test/harness/raw-http.ts';
import { type Answer, startTestService, type TestService } from '../../../test/harness/test-service.ts';
import { generateKeyText } from '../../domain/shared/tokens.ts';

const ROUTES = [
  { method: 'GET', path: '/calls/{id}', permissions: ['calls:read'], cost: 1 },
  { method: 'POST', path: '/calls', permissions: ['calls:write'], cost: 2 },
  { method: '*', path: '/open/**', permissions: [], cost: 0 },
];

let service: TestService;
/** Has the route map. */
let mapped: TestService;
let port: number;
let mappedPort: number;

/** The texts of keys of a service. */
interface Keys {
  readonly gateway: string;
  readonly reader: string;
  readonly readerId: string;
}

let keys: Keys;
let mappedKeys: Keys;

beforeAll(async () => {
  service = await startTestService();
  mapped = await startTestService({ routes: ROUTES });
  keys = await keysOf(service);
  mappedKeys = await keysOf(mapped);
  port = await portOf(service);
  mappedPort = await portOf(mapped);
});
afterAll(async () => {
  await service.close();
  await mapped.close();
});

async function portOf({ app }: TestService): Promise<number> {
  return Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
}

async function keysOf(from: TestService): Promise<Keys> {
  const { key: gateway } = await from.createKey({ use: 'verify' });
  const { key: reader, apiKey } = await from.createKey({ permissions: ['calls:read'] });
  return { gateway, reader, readerId: apiKey.id };
}

/** Asks as the gateway, with a client that presents this key. */
function ask(query = '', as = keys.reader, headers: Record<string, string> = {}): Promise<Answer> {
  const verifier = { 'latchkey-verifier': keys.gateway };
  return service.call('GET', PATH + query, {
    as,
    headers: { ...verifier, ...headers },
  });
}

/** Asks the service with a route map about a request. */
function askAbout(method: string, target: string, headers: Record<string, string> = {}): Promise<Answer> {
  const forwarded = { 'x-forwarded-method': method, 'x-forwarded-uri': target };
  return mapped.call('GET', PATH, {
    as: mappedKeys.reader,
    headers: { 'latchkey-verifier': mappedKeys.gateway, ...forwarded, ...headers },
  });
}

const outcome = ({ status, body }: Answer) => [status, body ? body.data.error.code : 'VALID'];

function raw(line: string, headers: HeaderList, body = '') {
  return exchange(port, requestBytes(line, [['Host', 'latchkey.test'], ...headers], body), {
    head: line.startsWith('HEAD'),
  });
}

const credentials = (): HeaderList => [
  ['Authorization', `Bearer ${keys.reader}`],
  ['Latchkey-Verifier', keys.gateway],
];

describe('a request that passes', () => {
  test('gets 200 with the key, its owner, workspace and permissions as headers', async () => {
    const answer = await ask('?permissions=calls:read');
    expect(outcome(answer)).toEqual([200, 'VALID']);
    expect(answer.headers).toMatchObject({
      'x-latchkey-key-id': keys.readerId,
      'x-latchkey-owner-id': service.owner.userId,
      'x-latchkey-workspace-id': service.owner.workspaceId,
      'x-latchkey-permissions': 'calls:read',
    });
  });

  test('gets every header also where it has no value, so that a gateway overwrites forged ones', async () => {
    const { key } = await service.createKey({ permissions: [] });
    expect((await ask('', key)).headers).toMatchObject({
      'x-latchkey-permissions': '',
      ratelimit: '',
      'ratelimit-policy': '',
    });
  });

  test('gets RateLimit and RateLimit-Policy of its key, and uses the cost of the call', async () => {
    const { key } = await service.createKey({ rateLimit: { requestsPerMinute: 10 } });
    const answer = await ask('?cost=4', key);
    expect(answer.headers).toMatchObject({ 'ratelimit-policy': '"minute";q=10;w=60' });
    expect(answer.headers.ratelimit).toMatch(/^"minute";r=6;/);
  });

  test.each(METHODS.filter((method) => method !== 'CONNECT'))('may have the method %s', async (method) => {
    const [answer] = await raw(`${method} ${PATH} HTTP/1.1`, credentials());
    expect(answer?.status).toBe(200);
  });

  test('may have HTTP/1.0 and any header fields that a gateway adds', async () => {
    const others: HeaderList = [
      ['Cookie', 'latchkey_session=x; a=b'],
      ['X-Forwarded-For', '203.0.113.9'],
      ['Accept', 'text/html'],
      ['Content-Encoding', 'gzip'],
      ['If-Match', '"1"'],
      ['Expect', '100-continue'],
      ['Origin', 'https://elsewhere.example'],
      ['Idempotency-Key', 'a'],
      ['Latchkey-Workspace', 'ws_other'],
    ];
    const [answer] = await raw(`GET ${PATH} HTTP/1.0`, [...credentials(), ...others]);
    expect(answer?.status).toBe(200);
  });

  test('is answered on the fast path', async () => {
    await ask();
    const line = service.logs.filter((text) => text.includes('"answered"')).at(-1) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({ path: 'fast', status: 200 });
  });

  test('may present its key as X-API-Key, also beside another scheme of Authorization', async () => {
    const { reader } = keys;
    for (const headers of [{ 'x-api-key': reader }, { 'x-api-key': reader, authorization: 'Basic eDp5' }]) {
      const answer = await service.call('GET', PATH, {
        headers: { 'latchkey-verifier': keys.gateway, ...headers },
      });
      expect(outcome(answer)).toEqual([200, 'VALID']);
    }
  });

  test.each(['POST', 'PUT', 'GET'])(
    'with a body by %s is answered before the body arrives, and the connection closes',
    async (method) => {
      const [answer] = await raw(`${method} ${PATH} HTTP/1.1`, [
        ...credentials(),
        ['Content-Length', '1000000'],
      ]);
      expect([answer?.status, answer?.headers.connection]).toEqual([200, 'close']);
    },
  );
});

describe('a gateway', () => {
  test('without its own key gets 401, and the message names the header', async () => {
    const answer = await service.call('GET', PATH, { as: keys.reader });
    expect(outcome(answer)).toEqual([401, 'CREDENTIALS_MISSING']);
    expect(answer.body.data.message).toContain('Latchkey-Verifier');
  });

  test('with a key that is unknown, revoked, or lacks api-keys:read is denied, and the message names the header', async () => {
    const ended = await service.createKey({ use: 'verify' });
    await service.call('DELETE', `/api/v2/api-keys/${ended.apiKey.id}`, { as: service.owner.secret });
    for (const [verifier, ...expected] of [
      [generateKeyText('lk', 'live'), 401, 'KEY_INVALID'],
      ['nonsense', 401, 'KEY_INVALID'],
      [ended.key, 401, 'KEY_REVOKED'],
      [keys.reader, 403, 'PERMISSION_DENIED'],
    ] as const) {
      const answer = await ask('', keys.reader, { 'latchkey-verifier': verifier });
      expect(outcome(answer)).toEqual(expected);
      expect(answer.body.data.message).toMatch(/^Latchkey-Verifier: /);
    }
  });

  test('that sends the query of its client is denied, since the client could choose the permissions', async () => {
    const query = '?permissions=calls:read';
    const forwarded = { 'x-forwarded-method': 'GET', 'x-forwarded-uri': `/calls${query}` };
    expect(outcome(await ask(query, keys.reader, forwarded))).toEqual([400, 'REQUEST_MALFORMED']);
    const other = { ...forwarded, 'x-forwarded-uri': '/calls?permissions=none' };
    expect(outcome(await ask(query, keys.reader, other))).toEqual([200, 'VALID']);
  });

  test('gets KEY_INVALID for a key of another workspace', async () => {
    const stranger = await service.addWorkspace();
    expect(outcome(await ask('', stranger.secret))).toEqual([401, 'KEY_INVALID']);
  });

  test.each([
    ['an unknown parameter', '?permission=calls:read', 'FIELD_UNKNOWN'],
    ['an unknown permission', '?permissions=calls:reed', 'VALIDATION_FAILED'],
    ['empty permissions', '?permissions=', 'VALIDATION_FAILED'],
    ['repeated permissions', '?permissions=calls:read&permissions=calls:write', 'VALIDATION_FAILED'],
    ['a negative cost', '?cost=-1', 'VALIDATION_FAILED'],
    ['another deny', '?deny=429', 'VALIDATION_FAILED'],
  ])('with %s in its configuration gets 400', async (_what, query, code) => {
    expect(outcome(await ask(query))).toEqual([400, code]);
  });
});

describe('a client is denied', () => {
  test('without a key, with a malformed one, and with two keys', async () => {
    const asked = (headers: Record<string, string>) =>
      service.call('GET', PATH, { headers: { 'latchkey-verifier': keys.gateway, ...headers } });
    expect(outcome(await asked({}))).toEqual([401, 'CREDENTIALS_MISSING']);
    expect(outcome(await asked({ authorization: 'Bearer' }))).toEqual([400, 'CREDENTIALS_MALFORMED']);
    expect(outcome(await asked({ authorization: 'Bearer nonsense' }))).toEqual([401, 'KEY_INVALID']);
    expect(outcome(await asked({ 'x-api-key': '' }))).toEqual([401, 'CREDENTIALS_MISSING']);
    expect(outcome(await ask('', keys.reader, { 'x-api-key': keys.reader }))).toEqual([
      400,
      'CREDENTIALS_MALFORMED',
    ]);
  });

  test('by its verdict: 401, 403 with the missing permission, or 429 with Retry-After', async () => {
    const { key: limited } = await service.createKey({ rateLimit: { requestsPerMinute: 1 } });
    await ask('', limited);
    const overLimit = await ask('', limited);
    expect(outcome(overLimit)).toEqual([429, 'RATE_LIMITED']);
    expect(overLimit.headers['retry-after']).toMatch(/^\d+$/);
    expect(overLimit.headers.ratelimit).toMatch(/^"minute";r=0;/);
    const unpermitted = await ask('?permissions=calls:read,calls:write');
    expect(outcome(unpermitted)).toEqual([403, 'PERMISSION_DENIED']);
    expect(unpermitted.headers['www-authenticate']).toContain('scope="calls:write"');
    for (const answer of [overLimit, unpermitted])
      expect(answer.headers).toMatchObject({
        'x-latchkey-status': String(answer.status),
        'x-latchkey-code': answer.body.data.error.code,
      });
  });

  test('with deny=403 only by 401 or 403, and headers have the status, the code and Retry-After', async () => {
    const { key: limited } = await service.createKey({ rateLimit: { requestsPerMinute: 1 } });
    await ask('', limited);
    const denials = [
      [await ask('?deny=403', limited), 403, '429', 'RATE_LIMITED'],
      [await ask('?deny=403&permissions=calls:write'), 403, '403', 'PERMISSION_DENIED'],
      [await ask('?deny=403', 'nonsense'), 401, '401', 'KEY_INVALID'],
      [await ask('?deny=403', keys.reader, { authorization: 'Bearer' }), 403, '400', 'CREDENTIALS_MALFORMED'],
    ] as const;
    for (const [{ status, headers }, expected, trueStatus, code] of denials)
      expect([status, headers['x-latchkey-status'], headers['x-latchkey-code']]).toEqual([
        expected,
        trueStatus,
        code,
      ]);
    expect(denials[0][0].headers['retry-after']).toMatch(/^\d+$/);
  });

  test.each(['Authorization', 'X-API-Key', 'Latchkey-Verifier', 'X-Forwarded-Uri'])(
    'when %s has two values',
    async (name) => {
      const twice: HeaderList = [...credentials(), [name, 'one'], [name, 'two']];
      const [answer] = await raw(`GET ${PATH} HTTP/1.1`, twice);
      expect([answer?.status, answer?.body.data.error.code]).toEqual([400, 'REQUEST_MALFORMED']);
    },
  );
});

/** The requests that the documentation of these gateways describes, for `GET /calls/7?x=1` of a client. */
const DOCUMENTED: Readonly<Record<string, readonly [line: string, headers: HeaderList]>> = {
  'Traefik forwardAuth': [
    `GET ${PATH} HTTP/1.1`,
    [
      ['X-Forwarded-Method', 'GET'],
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-Host', 'api.example.com'],
      ['X-Forwarded-Uri', '/calls/7?x=1'],
      ['X-Forwarded-For', '203.0.113.9'],
      ['Accept-Encoding', 'gzip'],
      ['Cookie', 'a=b'],
    ],
  ],
  'Envoy ext_authz': [
    `GET ${PATH}/calls/7?x=1 HTTP/1.1`,
    [
      ['Content-Length', '0'],
      ['X-Forwarded-For', '203.0.113.9'],
      ['X-Envoy-Internal', 'true'],
      ['X-Envoy-Expected-Rq-Timeout-Ms', '3000'],
      ['X-B3-Sampled', '0'],
    ],
  ],
  'ingress-nginx auth-url': [
    `GET ${PATH} HTTP/1.1`,
    [
      ['X-Original-URL', 'https://api.example.com/calls/7?x=1'],
      ['X-Original-Method', 'GET'],
      ['X-Original-URI', '/calls/7?x=1'],
      ['X-Sent-From', 'nginx-ingress-controller'],
      ['X-Auth-Request-Redirect', '/calls/7?x=1'],
    ],
  ],
};

describe.each(Object.entries(DOCUMENTED))('a request as %s documents it', (_gateway, [line, headers]) => {
  const send = async (as: string) => {
    const credential: HeaderList = [
      ['Authorization', `Bearer ${as}`],
      ['Latchkey-Verifier', mappedKeys.gateway],
    ];
    const bytes = requestBytes(line, [['Host', 'latchkey.test'], ...credential, ...headers]);
    const [answer] = await exchange(mappedPort, bytes);
    return answer ?? expect.unreachable();
  };

  test('passes with a key that has the permission of the route, on a connection that stays open', async () => {
    const answer = await send(mappedKeys.reader);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'x-latchkey-key-id': mappedKeys.readerId,
      connection: 'keep-alive',
    });
  });

  test('is denied with 401, 403 and 429, as the client should get them', async () => {
    const { key: other } = await mapped.createKey({ permissions: [] });
    const limit = { permissions: ['calls:read'], rateLimit: { requestsPerMinute: 1 } };
    const { key: limited } = await mapped.createKey(limit);
    await send(limited);
    const statuses = [await send('nonsense'), await send(other), await send(limited)].map(
      ({ status }) => status,
    );
    expect(statuses).toEqual([401, 403, 429]);
  });
});

describe('with a route map', () => {
  test('a request needs the permissions of its route, and uses its cost', async () => {
    expect(outcome(await askAbout('GET', '/calls/7?x=1'))).toEqual([200, 'VALID']);
    expect(outcome(await askAbout('POST', '/calls'))).toEqual([403, 'PERMISSION_DENIED']);
    const { key } = await mapped.createKey({ rateLimit: { requestsPerMinute: 10 } });
    const answer = await askAbout('POST', '/calls', { authorization: `Bearer ${key}` });
    expect(answer.headers.ratelimit).toMatch(/^"minute";r=8;/);
  });

  test.each([
    ['X-Original-*', { 'x-original-method': 'GET', 'x-original-uri': '/calls/7' }],
    [
      'both, with equal values',
      {
        'x-original-method': 'GET',
        'x-original-uri': '/calls/7',
        'x-forwarded-method': 'GET',
        'x-forwarded-uri': '/calls/7',
      },
    ],
  ])('the request may be in %s', async (_what, headers) => {
    const answer = await mapped.call('POST', PATH, {
      as: mappedKeys.reader,
      headers: { 'latchkey-verifier': mappedKeys.gateway, ...headers },
    });
    expect(outcome(answer)).toEqual([200, 'VALID']);
  });

  test('the request may be the method and the end of the path, and the query of the client changes nothing', async () => {
    const call = (method: string, suffix: string, headers = {}) =>
      mapped.call(method, PATH + suffix, {
        as: mappedKeys.reader,
        headers: { 'latchkey-verifier': mappedKeys.gateway, ...headers },
      });
    expect(outcome(await call('GET', '/calls/7?permissions=none&deny=x'))).toEqual([200, 'VALID']);
    expect(outcome(await call('POST', '/calls?permissions=calls:read&cost=0'))).toEqual([
      403,
      'PERMISSION_DENIED',
    ]);
    expect(outcome(await call('POST', '/calls', { 'x-forwarded-uri': '/open/x' }))).toEqual([
      403,
      'ROUTE_NOT_MAPPED',
    ]);
    expect(outcome(await call('POST', '/calls', { 'x-original-method': 'GET' }))).toEqual([
      403,
      'ROUTE_NOT_MAPPED',
    ]);
  });

  test.each([
    ['that is not mapped', 'GET', '/other', {}],
    ['with another method', 'DELETE', '/calls/7', {}],
    ['with an ambiguous path', 'GET', '/open/../calls/7', {}],
    ['whose target is given in two ways', 'GET', '/calls/7', { 'x-original-uri': '/open/x' }],
    ['whose method is given in two ways', 'GET', '/calls/7', { 'x-original-method': 'POST' }],
  ])('a request is denied %s', async (_what, method, target, headers) => {
    const { status } = await askAbout(method, target, headers);
    expect([403, 400]).toContain(status);
  });

  test('a request is denied if the gateway does not send its method and target', async () => {
    const answer = await mapped.call('GET', PATH, {
      as: mappedKeys.reader,
      headers: { 'latchkey-verifier': mappedKeys.gateway, 'x-forwarded-uri': '/calls/7' },
    });
    expect(outcome(answer)).toEqual([403, 'ROUTE_NOT_MAPPED']);
    expect(answer.body.data.message).toContain('X-Forwarded-Method');
  });

  test('permissions or a cost in the configuration of the gateway take the place of the map', async () => {
    const answer = await mapped.call('GET', `${PATH}?permissions=calls:read`, {
      as: mappedKeys.reader,
      headers: { 'latchkey-verifier': mappedKeys.gateway },
    });
    expect(outcome(answer)).toEqual([200, 'VALID']);
  });
});
