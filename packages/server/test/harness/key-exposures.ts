import { API_BASE } from '@latchkey/contract';
import { type HeaderList, requestBytes } from './raw-http.ts';

/** The ids and credentials that a request may use besides the secret. */
export interface Surroundings {
  /** The secret of a key with all permissions. */
  readonly owner: string;
  readonly userId: string;
  /** The id of the key whose secret is exposed. */
  readonly keyId: string;
}

/** A request that carries a secret, rightly or wrongly. */
export type Exposure = (secret: string, around: Surroundings) => Buffer;

const KEYS = `${API_BASE}/api-keys`;
const HOST = ['Host', 'latchkey.test'] as const;

/** Every position in a request where people, tools or mistakes put a key, the correct ones first. */
export const EXPOSURES: Readonly<Record<string, Exposure>> = {
  'as a bearer': (secret) => get(`${API_BASE}/me`, [['Authorization', `Bearer ${secret}`]]),
  checked: (secret) => get(`${KEYS}/check`, [['Authorization', `Bearer ${secret}`]]),
  verified: (secret, { owner }) => send('POST', `${KEYS}/verify`, owner, { key: secret }),
  'verified without the permission': (secret, { owner }) =>
    send('POST', `${KEYS}/verify`, owner, { key: secret, permissions: ['billing:read', 'api-keys:write'] }),
  'verified among many': (secret, { owner }) =>
    send('POST', `${KEYS}/verify-many`, owner, { checks: [{ key: secret }, { key: `${secret}x` }] }),
  'verified with another field wrong': (secret, { owner }) =>
    send('POST', `${KEYS}/verify`, owner, { key: secret, cost: -1, ip: 'nowhere' }),
  'verified with an unknown permission': (secret, { owner }) =>
    send('POST', `${KEYS}/verify`, owner, { key: secret, permissions: [secret] }),
  'denied as a bearer': (secret) => get(KEYS, [['Authorization', `Bearer ${secret}`]]),
  'denied as a bearer, with a problem response': (secret) =>
    get(KEYS, [
      ['Authorization', `Bearer ${secret}`],
      ['Accept', 'application/problem+json'],
    ]),
  'revoking itself': (secret, { keyId }) => send('DELETE', `${KEYS}/${keyId}`, secret, { reason: 'over' }),

  'Authorization with a wrong checksum': (secret) =>
    get(`${KEYS}/check`, [['Authorization', `Bearer ${secret}x`]]),
  'Authorization with a colon': (secret) => get(KEYS, [['Authorization', `Bearer: ${secret}`]]),
  'Authorization twice over': (secret) => get(KEYS, [['Authorization', `Bearer ${secret} ${secret}`]]),
  'Authorization without a scheme': (secret) => get(KEYS, [['Authorization', secret]]),
  'Authorization in quotes': (secret) => get(KEYS, [['Authorization', `Bearer "${secret}"`]]),
  'Authorization of another scheme': (secret) => get(KEYS, [['Authorization', `Token ${secret}`]]),
  'Authorization as Basic': (secret) =>
    get(KEYS, [['Authorization', `Basic ${Buffer.from(`${secret}:`).toString('base64')}`]]),
  'two Authorization fields': (secret) =>
    get(KEYS, [
      ['Authorization', `Bearer ${secret}`],
      ['Authorization', `Bearer ${secret}`],
    ]),
  'X-Api-Key': (secret) => get(KEYS, [['X-Api-Key', secret]]),
  'a cookie': (secret) => get(KEYS, [['Cookie', `session=${secret}`]]),
  'the name of a header field': (secret) => get(KEYS, [[secret, 'x']]),
  'User-Agent and Referer': (secret) =>
    get(KEYS, [
      ['User-Agent', secret],
      ['Referer', `https://example.com/?key=${secret}`],
    ]),
  'X-Request-Id and traceparent': (secret) =>
    get(KEYS, [
      ['X-Request-Id', secret],
      ['traceparent', secret],
    ]),
  Accept: (secret) => get(KEYS, [['Accept', `application/${secret}`]]),
  'Idempotency-Key': (secret, { owner, userId }) =>
    send('POST', KEYS, owner, { name: 'x', userId }, [['Idempotency-Key', secret]]),
  'Idempotency-Key, malformed': (secret, { owner, userId }) =>
    send('POST', KEYS, owner, { name: 'x', userId }, [['Idempotency-Key', `${secret} ${secret}`]]),
  'If-Match': (secret, { owner, keyId }) =>
    send('PATCH', `${KEYS}/${keyId}`, owner, { name: 'x' }, [['If-Match', `"${secret}"`]]),
  Host: (secret) => requestBytes(`GET ${KEYS} HTTP/1.1`, [['Host', secret]]),
  'Content-Type': (secret, { owner }) =>
    call(
      'POST',
      KEYS,
      [
        ['Authorization', `Bearer ${owner}`],
        ['Content-Type', `text/${secret}`],
      ],
      '{}',
    ),
  Expect: (secret) => get(KEYS, [['Expect', secret]]),

  'the path': (secret, { owner }) => get(`${KEYS}/${secret}`, [['Authorization', `Bearer ${owner}`]]),
  'the path, percent-encoded': (secret) => get(`${KEYS}/${percent(secret)}`),
  'the path, encoded twice': (secret) => get(`${KEYS}/${encodeURIComponent(percent(secret))}`),
  'an unknown path': (secret) => get(`/${secret}`),
  'an unknown path, cut short': (secret) => get(`/${secret.slice(0, -1)}`),
  'the query': (secret) => get(`${KEYS}/check?key=${secret}`),
  'a search': (secret, { owner }) => get(`${KEYS}?search=${secret}`, [['Authorization', `Bearer ${owner}`]]),
  'the name of a parameter': (secret) => get(`${KEYS}?${secret}=1`),
  'the target in absolute form': (secret) => get(`http://${secret}@latchkey.test${KEYS}`),
  'the method': (secret) => requestBytes(`${secret} ${KEYS} HTTP/1.1`, [HOST]),
  'a request line that is none': (secret) => Buffer.from(`${secret}\r\n\r\n`),
  'the version': (secret) => requestBytes(`GET ${KEYS} HTTP/${secret}`, [HOST]),
  'header fields beyond the limit': (secret) =>
    get(KEYS, [
      ['Authorization', `Bearer ${secret}`],
      ['X-Long', secret.repeat(500)],
    ]),
  'a chunk length': (secret) =>
    call(
      'POST',
      KEYS,
      [
        ['Transfer-Encoding', 'chunked'],
        ['Content-Type', 'application/json'],
      ],
      secret,
    ),

  'a name': (secret, { owner, userId }) => send('POST', KEYS, owner, { name: secret, userId }),
  'a part of a new name': (secret, { owner, keyId }) =>
    send('PATCH', `${KEYS}/${keyId}`, owner, { name: `key ${secret}` }),
  'a name in a bulk call': (secret, { owner, keyId }) =>
    send('PUT', KEYS, owner, { apiKeys: [{ id: keyId, name: `${secret}!` }] }),
  'a reason': (secret, { owner, keyId }) =>
    send('DELETE', `${KEYS}/${keyId}`, owner, { reason: `leaked: ${secret}` }),
  'a reason in a bulk call': (secret, { owner, keyId }) =>
    send('DELETE', KEYS, owner, { ids: [keyId], reason: secret }),
  'an id': (secret, { owner }) => send('PUT', KEYS, owner, { apiKeys: [{ id: secret, name: 'x' }] }),
  'an id to revoke': (secret, { owner }) => send('DELETE', KEYS, owner, { ids: [secret] }),
  'a user': (secret, { owner }) => send('POST', KEYS, owner, { name: 'x', userId: secret }),
  'a workspace': (secret, { owner, userId }) =>
    send('POST', KEYS, owner, { name: 'x', userId, workspaceId: secret }),
  'an instant': (secret, { owner, userId }) =>
    send('POST', KEYS, owner, { name: 'x', userId, expiresAt: secret }),
  'a permission': (secret, { owner, userId }) =>
    send('POST', KEYS, owner, { name: 'x', userId, permissions: [secret] }),
  'a limit': (secret, { owner, userId }) =>
    send('POST', KEYS, owner, { name: 'x', userId, rateLimit: { requestsPerDay: secret } }),
  'a field that is none': (secret, { owner, userId }) =>
    send('POST', KEYS, owner, { name: 'x', userId, apiKey: secret }),
  'the name of a field': (secret, { owner, userId }) =>
    send('POST', KEYS, owner, { name: 'x', userId, [secret]: true }),
  'the name of a field, twice': (secret, { owner }) => raw(KEYS, owner, `{"${secret}":1,"${secret}":2}`),
  'a body that breaks off': (secret, { owner }) => raw(KEYS, owner, `{"name":"${secret}`),
  'a body that is not JSON': (secret, { owner }) => raw(KEYS, owner, `name=${secret}`),
  'a body that is a text': (secret, { owner }) => raw(KEYS, owner, JSON.stringify(secret)),
  'a body in escapes': (secret, { owner, userId }) =>
    raw(KEYS, owner, `{"userId":"${userId}","nam":"${escaped(secret)}"}`),
  'a body of a call that has none': (secret, { owner }) =>
    call(
      'GET',
      KEYS,
      [
        ['Authorization', `Bearer ${owner}`],
        ['Content-Type', 'application/json'],
      ],
      secret,
    ),
  'a body that is too large': (secret, { owner }) => raw(KEYS, owner, `{"name":"${secret.repeat(2_000)}"}`),
};

type Field = readonly [name: string, value: string];

function get(target: string, headers: HeaderList = []): Buffer {
  return requestBytes(`GET ${target} HTTP/1.1`, [HOST, ...headers]);
}

function send(method: string, path: string, as: string, body: object, headers: HeaderList = []): Buffer {
  const fields: Field[] = [
    ['Authorization', `Bearer ${as}`],
    ['Content-Type', 'application/json'],
    ...headers,
  ];
  return call(method, path, fields, JSON.stringify(body));
}

function raw(path: string, as: string, body: string): Buffer {
  return call(
    'POST',
    path,
    [
      ['Authorization', `Bearer ${as}`],
      ['Content-Type', 'application/json'],
    ],
    body,
  );
}

function call(method: string, path: string, headers: HeaderList, body: string): Buffer {
  const isChunked = headers.some(([name]) => name === 'Transfer-Encoding');
  const length: Field[] = isChunked ? [] : [['Content-Length', String(Buffer.byteLength(body))]];
  return requestBytes(`${method} ${path} HTTP/1.1`, [HOST, ...headers, ...length], body);
}

function percent(text: string): string {
  return Buffer.from(text).toString('hex').replaceAll(/../g, '%$&');
}

function escaped(text: string): string {
  return Buffer.from(text).toString('hex').replaceAll(/../g, '\\u00$&');
}
