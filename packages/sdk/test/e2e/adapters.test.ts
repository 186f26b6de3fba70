import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Latchkey, type NewKey } from '../../src/index.ts';
import { APPS, type AppName, type RunningApp, startApp } from '../adapters/app.ts';
import { type LiveService, startLiveService } from '../live-service.ts';

let service: LiveService;
let latchkey: Latchkey;
/** The number of checks in each verify-many call so far. */
let batches: number[];
const apps = new Map<AppName, RunningApp>();
const APP_NAMES = Object.keys(APPS) as AppName[];

const countingFetch: typeof fetch = (input, init) => {
  if (String(input).endsWith('/verify-many')) batches.push(JSON.parse(String(init?.body)).checks.length);
  return fetch(input, init);
};

beforeAll(async () => {
  service = await startLiveService();
  const { url, key } = service;
  latchkey = new Latchkey({ url, key });
  for (const name of APP_NAMES) {
    apps.set(name, await startApp(name, new Latchkey({ url, key, fetch: countingFetch })));
  }
});
afterAll(async () => {
  for (const app of apps.values()) app.close();
  await service.close();
});

async function createKey(options: Partial<NewKey> = {}): Promise<{ id: string; key: string }> {
  const permissions = ['calls:read'];
  const body = { name: 'k', userId: service.userId, permissions, ...options };
  const { apiKey, key } = await latchkey.keys.create(body);
  return { id: apiKey.id, key: String(key) };
}

async function keyThat(change: (id: string) => Promise<unknown>): Promise<string> {
  const { id, key } = await createKey();
  await change(id);
  return key;
}

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it has asked for
  readonly body: any;
}

async function get(name: AppName, path: string, headers: Record<string, string> = {}): Promise<Got> {
  const response = await fetch(apps.get(name)?.url + path, { headers });
  const text = await response.text();
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: text.startsWith('{') ? JSON.parse(text) : text,
  };
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

describe.each(APP_NAMES)('%s, with the real service:', (app) => {
  beforeAll(() => {
    batches = [];
  });

  test('a valid key passes, and the handler has it', async () => {
    const { id, key } = await createKey();
    expect(await get(app, '/calls', bearer(key))).toMatchObject({
      status: 200,
      body: { keyId: id, unverified: false },
    });
  });

  test.each<[string, Record<string, string>]>([
    ['no header', {}],
    ['an empty header', { authorization: '' }],
    ['another scheme', { authorization: 'Basic dXNlcjpwYXNz' }],
  ])('%s: 401 with a challenge, and no call to Latchkey', async (_, headers) => {
    const before = batches.length;
    const { status, headers: sent, body } = await get(app, '/any', headers);
    expect([status, sent['www-authenticate']]).toEqual([401, 'Bearer']);
    expect(sent['content-type']).toMatch(/^application\/problem\+json/);
    expect(body).toEqual({ title: 'Send an API key', status: 401, code: 'CREDENTIALS_MISSING' });
    expect(sent['cache-control']).toBe('no-store');
    expect(Number(sent['content-length'])).toBeGreaterThan(0);
    expect(batches).toHaveLength(before);
  });

  test.each<[string, Record<string, string>]>([
    ['without a key', { authorization: 'Bearer ' }],
    ['with two keys', { authorization: 'Bearer lk_live_a lk_live_b' }],
    ['with a list of headers', { authorization: 'Bearer lk_live_a, Bearer lk_live_b' }],
    ['with more than 512 characters', { authorization: `Bearer ${'a'.repeat(513)}` }],
    ['with a character that is not ASCII', { authorization: 'Bearer lk_live_\u00e9' }],
    ['with a text that is not a key', { authorization: 'Bearer nonsense' }],
    ['with a key whose checksum is wrong', { authorization: `Bearer lk_live_${'0'.repeat(49)}` }],
  ])('a header %s: 401 KEY_INVALID', async (_, headers) => {
    const { status, headers: sent, body } = await get(app, '/any', headers);
    const challenge = 'Bearer error="invalid_token"';
    expect([status, body.code, sent['www-authenticate']]).toEqual([401, 'KEY_INVALID', challenge]);
  });

  test.each<[string, string, () => Promise<string>]>([
    ['revoked', 'KEY_REVOKED', () => keyThat((id) => latchkey.keys.revoke(id))],
    ['disabled', 'KEY_DISABLED', () => keyThat((id) => latchkey.keys.update(id, { isActive: false }))],
  ])('a key that is %s: 401 %s', async (_, code, make) => {
    const { status, headers, body } = await get(app, '/calls', bearer(await make()));
    expect([status, body.code, headers['www-authenticate']]).toEqual([
      401,
      code,
      'Bearer error="invalid_token"',
    ]);
  });

  test('a key without a permission: 403, which names exactly what is missing', async () => {
    const { key } = await createKey();
    const { status, headers, body } = await get(app, '/two', bearer(key));
    expect(status).toBe(403);
    expect(headers['www-authenticate']).toBe('Bearer error="insufficient_scope", scope="calls:write"');
    expect(body).toEqual({
      title: 'The API key lacks a permission',
      status: 403,
      detail: 'It needs calls:write',
      code: 'PERMISSION_DENIED',
      missing: ['calls:write'],
    });
  });

  test('a key over its limit: 429 with Retry-After; RateLimit tells the rest of every answer', async () => {
    const { key } = await createKey({ rateLimit: { requestsPerMinute: 4, requestsPerDay: 100 } });
    const first = await get(app, '/costly', bearer(key));
    expect(first.status).toBe(200);
    expect(first.headers).toMatchObject({
      'ratelimit-policy': '"minute";q=4;w=60, "day";q=100;w=86400',
      ratelimit: '"minute";r=1, "day";r=97',
    });
    const second = await get(app, '/costly', bearer(key));
    expect([second.status, second.body.code]).toEqual([429, 'RATE_LIMITED']);
    expect(Number(second.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(second.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(second.headers.ratelimit).toBe('"minute";r=1, "day";r=97');
  });

  test('with a header of its own, the key is read from there only', async () => {
    const { id, key } = await createKey();
    expect(await get(app, '/header', { 'x-api-key': key })).toMatchObject({
      status: 200,
      body: { keyId: id },
    });
    const { status, headers } = await get(app, '/header', bearer(key));
    expect([status, headers['www-authenticate']]).toEqual([401, 'ApiKey header="X-API-Key"']);
    const twice = await get(app, '/header', { 'x-api-key': `${key}, ${key}` });
    expect([twice.status, twice.headers['www-authenticate']]).toEqual([
      401,
      'ApiKey header="X-API-Key", error="invalid_token"',
    ]);
  });

  test('requests of one tick share a call, and a route that cannot be verified denies only its own', async () => {
    const { key } = await createKey();
    batches.length = 0;
    const paths = Array.from({ length: 40 }, (_, index) => (index === 7 ? '/misspelled' : '/calls'));
    const statuses = await pipeline(apps.get(app)?.url ?? '', paths, key);
    expect(statuses).toEqual(paths.map((path) => (path === '/calls' ? 200 : 503)));
    expect(batches).toEqual([40, 39, 1]);
  });
});

/** Sends the requests in one packet, so that the server reads them in one tick. Returns the statuses in order. */
async function pipeline(url: string, paths: readonly string[], key: string): Promise<number[]> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const requests = paths.map((path, index) => {
    const end = index === paths.length - 1 ? 'Connection: close\r\n' : '';
    return `GET ${path} HTTP/1.1\r\nHost: app.test\r\nAuthorization: Bearer ${key}\r\n${end}\r\n`;
  });
  socket.write(requests.join(''));
  return [...(await text(socket)).matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
