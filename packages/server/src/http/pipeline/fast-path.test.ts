import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  type CallOptions,
  startTestService,
  type TestService,
} from '../../../test/harness/test-service.ts';
import { generateKeyText } from '../../domain/shared/tokens.ts';

const KEYS = '/api/v2/api-keys';

let service: TestService;
let good: string;
let revoked: string;
let reader: string;

beforeAll(async () => {
  service = await startTestService();
  good = (await service.createKey()).key;
  reader = (await service.createKey({ permissions: ['calls:read'] })).key;
  const ended = await service.createKey();
  await service.call('DELETE', `${KEYS}/${ended.apiKey.id}`, { as: service.owner.secret });
  revoked = ended.key;
});
afterAll(() => service.close());

/** Did the routed path give the last answer? */
function wasRouted(): boolean {
  const line = service.logs.filter((text) => text.includes('"answered"')).at(-1) ?? expect.unreachable();
  return JSON.parse(line).path === 'routed';
}

/** An answer without the parts that differ between requests. */
function lasting({ status, headers, body }: Answer): unknown {
  const { 'x-request-id': id, date, connection, 'keep-alive': alive, ...fields } = headers;
  const content: unknown = JSON.parse(JSON.stringify(body).replaceAll(String(id), 'ID'));
  return { status, fields: { ...fields, 'retry-after': fields['retry-after'] !== undefined }, content };
}

interface Case {
  readonly what: string;
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly options: () => CallOptions;
}

const owner = () => service.owner.secret;
const stranger = generateKeyText('lk', 'live');
const check = (what: string, as: () => string, query = ''): Case => ({
  what: `check of ${what}`,
  method: 'GET',
  url: `${KEYS}/check${query}`,
  options: () => ({ as: as() }),
});
const verify = (what: string, as: () => string, body: () => unknown): Case => ({
  what: `verify ${what}`,
  method: 'POST',
  url: `${KEYS}/verify`,
  options: () => ({ as: as(), body: body() as Record<string, unknown> }),
});
const many = (what: string, body: () => unknown): Case => ({
  ...verify(what, owner, body),
  what: `verify-many ${what}`,
  url: `${KEYS}/verify-many`,
});

const cases: readonly Case[] = [
  check('a good key', () => good),
  check('a revoked key', () => revoked),
  check('a text that is not a key', () => 'nonsense'),
  check('a key that holds the permission', () => reader, '?permissions=calls:read'),
  check('a key without the permission', () => reader, '?cost=0&permissions=calls%3Aread%2Ccalls%3Awrite'),
  check('a revoked key with a permission', () => revoked, '?permissions=calls:read'),
  verify('a good key', owner, () => ({ key: good, permissions: ['calls:read'], cost: 0 })),
  verify('a key without the permission', owner, () => ({
    key: reader,
    permissions: ['calls:write'],
    cost: 0,
  })),
  verify('a revoked key', owner, () => ({ key: revoked })),
  verify('a key that does not exist', owner, () => ({ key: stranger })),
  verify(
    'with the credential revoked',
    () => revoked,
    () => ({ key: good }),
  ),
  verify(
    'with a credential without the permission',
    () => reader,
    () => ({ key: good }),
  ),
  verify('with a field there is not', owner, () => ({ key: good, keys: [] })),
  verify('without the key', owner, () => ({})),
  verify('in the name of another workspace', owner, () => ({ key: good, workspaceId: 'ws_other' })),
  many('of good and bad keys', () => ({ checks: [{ key: good }, { key: revoked }, { key: stranger }] })),
  many('of nothing', () => ({ checks: [] })),
];

/** A header field that leads to the routed path. */
const ROUTED = { Accept: 'application/json; q=1' };

describe('the fast path', () => {
  test.each(cases)(
    '$what: the answer is the same as that of the routed path',
    async ({ method, url, options }) => {
      const { headers, ...rest } = options();
      // A key that was not checked before is not cached, so the routed path answers.
      await service.call(method, url, rest);
      const fast = await service.call(method, url, rest);
      expect(wasRouted()).toBe(false);
      const routed = await service.call(method, url, { ...rest, headers: { ...headers, ...ROUTED } });
      expect(wasRouted()).toBe(true);
      expect(lasting(fast)).toEqual(lasting(routed));
    },
  );

  test('input that is not JSON has the same error on both paths', async () => {
    const call = (headers: Record<string, string>) =>
      service.call('POST', `${KEYS}/verify`, {
        as: owner(),
        body: '{"key":' as unknown as Record<string, unknown>,
        headers: { 'Content-Type': 'application/json', ...headers },
      });
    const fast = await call({});
    expect(wasRouted()).toBe(false);
    expect(lasting(fast)).toEqual(lasting(await call(ROUTED)));
    expect(fast.body.data.error.code).toBe('JSON_INVALID');
  });

  test.each([
    ['another type', { 'Content-Type': 'text/plain' }, 415],
    ['problem details asked for', { Accept: 'application/problem+json' }, 200],
    ['a second Content-Type of the same name', { 'content-type': 'application/json; charset=latin1' }, 415],
  ])('%s: the routed path answers', async (_, headers, status) => {
    const answer = await service.call('POST', `${KEYS}/verify`, {
      as: owner(),
      body: { key: good },
      headers,
    });
    expect([answer.status, wasRouted()]).toEqual([status, true]);
  });

  test.each(['permissions=calls:fly', 'isAdmin=true', 'cost=0&cost=0', 'cost=x', 'permissions=%ff'])(
    'check with %s: the routed path answers with 400',
    async (query) => {
      const answer = await service.call('GET', `${KEYS}/check?${query}`, { as: good });
      expect([answer.status, wasRouted()]).toEqual([400, true]);
    },
  );

  test.each([
    ['GET', 'check', undefined],
    ['POST', 'verify', () => ({ key: good })],
  ])('the log of %s %s has the id of the request and how long it took', async (method, path, body) => {
    const started = performance.now();
    const answer = await service.call(method, `${KEYS}/${path}`, {
      as: method === 'GET' ? good : owner(),
      ...(body && { body: body() }),
    });
    expect(wasRouted()).toBe(false);
    const line = JSON.parse(service.logs.filter((text) => text.includes('"answered"')).at(-1) ?? '');
    expect(line).toMatchObject({ requestId: answer.headers['x-request-id'], method, status: 200 });
    expect(line.ms).toBeGreaterThanOrEqual(0);
    expect(line.ms).toBeLessThanOrEqual(performance.now() - started + 1);
  });

  test('the log of every other request has the id of the request under the same name', async () => {
    const answer = await service.call('GET', '/api/v2/me', { as: owner() });
    const line = JSON.parse(service.logs.filter((text) => text.includes('"answered"')).at(-1) ?? '');
    expect(line).toMatchObject({ requestId: answer.headers['x-request-id'], method: 'GET', status: 200 });
  });

  test('the log line of a delayed check includes the delay', async () => {
    const before = service.logs.length;
    // Denied checks are answered in batches of four, a millisecond apart.
    await Promise.all(
      Array.from({ length: 40 }, () => service.call('GET', `${KEYS}/check`, { as: stranger })),
    );
    const times = service.logs.slice(before).map((text) => Number(JSON.parse(text).ms));
    expect(times).toHaveLength(40);
    expect(Math.max(...times)).toBeGreaterThanOrEqual(5);
  });

  test('a denied call is recorded in the audit log on the fast path too', async () => {
    await service.call('POST', `${KEYS}/verify`, { as: reader, body: { key: good } });
    expect(wasRouted()).toBe(false);
    await service.flush();
    const { body } = await service.call('GET', '/api/v2/workspaces/logs?eventType=call.denied', {
      as: owner(),
    });
    expect(JSON.stringify(body)).toContain('POST /api/v2/api-keys/verify');
  });

  test('requests in one batch each get their own answer', async () => {
    const keys = await Promise.all(
      Array.from({ length: 20 }, (_, at) => service.createKey({ name: `key ${at}` })),
    );
    const answers = await Promise.all(
      [...keys, ...keys].map(({ key }) => service.call('GET', `${KEYS}/check`, { as: key })),
    );
    const names = answers.map(({ body }) => body.data.result.name);
    expect(names).toEqual([...keys, ...keys].map(({ apiKey }) => apiKey.name));
    expect(new Set(answers.map(({ headers }) => headers['x-request-id'])).size).toBe(answers.length);
  });

  test('a valid key is answered before unknown keys that were sent earlier', async () => {
    const order: string[] = [];
    const ask = async (who: string, as: string) => {
      await service.call('GET', `${KEYS}/check`, { as });
      order.push(who);
    };
    const strangers = Array.from({ length: 40 }, () => ask('stranger', stranger));
    await Promise.all([...strangers, ask('good', good)]);
    expect(order.indexOf('good')).toBeLessThan(10);
    expect(order).toHaveLength(41);
  });

  test('invalid bodies that arrive together are counted one after the other, so a burst of them is denied', async () => {
    const { key } = await service.createKey({ permissions: ['api-keys:read'] });
    const body = `{"checks":[${'1,'.repeat(300_000)}` as unknown as Record<string, unknown>;
    const headers = { 'Content-Type': 'application/json' };
    const many = () => service.call('POST', `${KEYS}/verify-many`, { as: key, body, headers });
    const answers = await Promise.all(Array.from({ length: 12 }, many));
    expect(wasRouted()).toBe(false);
    const denied = answers.filter(({ status }) => status === 503);
    expect(denied.length).toBeGreaterThan(0);
    expect(denied[0]?.body.data.message).toContain('too many invalid bodies');
  });

  test('large bodies that arrive together are parsed in several turns of the event loop', async () => {
    const size = 500_000;
    let inTurn = 0;
    let most = 0;
    const count = (work: unknown) => {
      if (inTurn === 0) setImmediate(() => (inTurn = 0));
      inTurn += (work as { bytes?: number }).bytes ?? 0;
      most = Math.max(most, inTurn);
    };
    subscribe('latchkey:work', count);
    const body = { checks: [{ key: 'x'.repeat(size) }] };
    const many = () => service.call('POST', `${KEYS}/verify-many`, { as: owner(), body });
    for (const { status } of await Promise.all(Array.from({ length: 6 }, many))) expect(status).toBe(400);
    unsubscribe('latchkey:work', count);
    expect(most).toBeGreaterThan(size);
    // One body fills a turn; this test may count two turns as one.
    expect(most).toBeLessThan(3 * size);
  });

  test('a client that disconnects in the middle of its body does not stop the service', async () => {
    const url = new URL(await service.app.listen({ host: '127.0.0.1', port: 0 }));
    const before = service.logs.length;
    const socket = connect(Number(url.port), url.hostname);
    const head = `POST ${KEYS}/verify HTTP/1.1\r\nHost: latchkey\r\nAuthorization: Bearer ${owner()}\r\n`;
    socket.write(`${head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"key":`, () =>
      socket.destroy(),
    );
    await expect.poll(() => service.logs.slice(before).join('')).toContain('"status":400');
    expect(wasRouted()).toBe(false);
    expect((await service.call('GET', `${KEYS}/check`, { as: good })).status).toBe(200);
  });
});
