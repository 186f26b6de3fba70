import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openAndWrite, sendAndHangUp } from '../../../test/harness/abandoned-requests.ts';
import { inject } from '../../../test/harness/inject.ts';
import { requestBytes } from '../../../test/harness/raw-http.ts';
import { type Answer, startTestService, type TestService } from '../../../test/harness/test-service.ts';
import { generateInvitationToken } from '../../domain/shared/tokens.ts';
import { SqliteThread } from '../../storage/engines/sqlite/thread.ts';

const KEYS = '/api/v2/api-keys';
const LOGS = '/api/v2/workspaces/logs';

let service: TestService;

beforeEach(async () => {
  service = await startTestService();
});
afterEach(() => service.close());

interface Owner {
  readonly secret: string;
  readonly userId: string;
}

function create({ secret, userId }: Owner): Promise<Answer> {
  return service.call('POST', KEYS, { as: secret, body: { name: 'burst', userId } });
}

/** Blocks every change. Returns a function that unblocks them. */
async function holdChanges(): Promise<() => Promise<void>> {
  let letGo = (): void => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await new Promise<void>((begun) => {
    void service.storage.transact(async () => {
      begun();
      await held;
    });
  });
  return async () => letGo();
}

/** Resolves when every call that has a place has begun, and all others wait. */
async function untilBegun(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await nextTurn();
}

/** The number of calls that run or wait, by lane. */
function load(state: 'running' | 'waiting'): Record<string, number> {
  const metric = service.app.metrics().find(({ name }) => name === `http_calls_${state}`);
  return Object.fromEntries(metric?.samples().map(({ labels, value }) => [labels?.lane, value]) ?? []);
}

test('a workspace that floods while all changes are blocked does not delay another workspace', async () => {
  const other = await service.addWorkspace();
  for (const owner of [service.owner, other]) expect((await create(owner)).status).toBe(201);
  const order: string[] = [];
  const letGo = await holdChanges();
  const flood = Array.from({ length: 300 }, () => create(service.owner).then(() => order.push('flood')));
  const turn = create(other).then(({ status }) => {
    order.push('other');
    return status;
  });
  await service.call('GET', '/health/live');
  await letGo();
  expect(await turn).toBe(201);
  await Promise.all(flood);
  // At most the calls that run concurrently were ahead of it.
  expect(order.indexOf('other')).toBeLessThan(96);
});

test('a key that floods its own workspace delays neither a revocation nor the people of the workspace', async () => {
  const { secret: as, userId } = service.owner;
  const session = await service.signIn();
  const { apiKey } = await service.createKey();
  const order: string[] = [];
  const letGo = await holdChanges();
  const flood = Array.from({ length: 300 }, () => create(service.owner).then(() => order.push('flood')));
  await untilBegun();
  const calls = {
    revocation: service.call('DELETE', `${KEYS}/${apiKey.id}`, { as }),
    person: service.call('POST', KEYS, { session, body: { name: 'person', userId } }),
  };
  const ended = Object.entries(calls).map(([name, call]) => call.then(() => order.push(name)));
  await untilBegun();
  await letGo();
  await Promise.all([...flood, ...ended]);
  expect((await calls.revocation).status).toBe(200);
  expect((await calls.person).status).toBe(201);
  // At most the calls that run concurrently were ahead of them.
  expect(order.indexOf('revocation')).toBeLessThan(96);
  expect(order.indexOf('person')).toBeLessThan(96);
});

test('calls without a credential take no place of a call with one', async () => {
  const [busy, calm] = [await service.addWorkspace(), await service.addWorkspace()];
  for (const owner of [service.owner, busy, calm]) expect((await create(owner)).status).toBe(201);
  const accept = () =>
    service.call('POST', '/api/v2/workspaces/invitations/accept', {
      body: { token: generateInvitationToken() },
    });
  const order: string[] = [];
  const letGo = await holdChanges();
  const flood = Array.from({ length: 40 }, () => [accept(), create(service.owner), create(busy)]).flat();
  const ended = flood.map((call) => call.then(() => order.push('flood')));
  await untilBegun();
  const turn = create(calm).then(({ status }) => {
    order.push('calm');
    return status;
  });
  await untilBegun();
  await letGo();
  expect(await turn).toBe(201);
  await Promise.all(ended);
  // Two workspaces may have 32 calls each ahead of it, and clients without a credential 16.
  expect(order.indexOf('calm')).toBeLessThan(96);
});

test('calls over the queue limit are answered UNAVAILABLE with Retry-After, while probes are still answered', async () => {
  await create(service.owner);
  const letGo = await holdChanges();
  const asked = Array.from({ length: 1_400 }, () => create(service.owner));
  const first = await Promise.race(asked);
  expect(first.status).toBe(503);
  expect(first.body.data.error).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  expect(Number(first.headers['retry-after'])).toBeGreaterThan(0);
  expect((await service.call('GET', '/health/live')).status).toBe(200);
  await letGo();
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 503).length).toBeGreaterThanOrEqual(1_400 - 1_000 - 96);
  expect(new Set(statuses)).toEqual(new Set([201, 503]));
});

test('a client that disconnects does not free its place: the number of concurrent changes stays limited', async () => {
  const url = new URL(await service.app.listen({ host: '127.0.0.1', port: 0 }));
  await create(service.owner);
  const letGo = await holdChanges();
  const body = JSON.stringify({ name: 'abandoned', userId: service.owner.userId });
  const request = requestBytes(
    `POST ${KEYS} HTTP/1.1`,
    [
      ['Host', 'latchkey'],
      ['Authorization', `Bearer ${service.owner.secret}`],
      ['Content-Type', 'application/json'],
      ['Content-Length', String(body.length)],
    ],
    body,
  );
  const concurrent = 20;
  await sendAndHangUp(Number(url.port), Array(200).fill(request), { concurrent, afterMs: 30 });
  await letGo();
  // A queued change starts when those have ended.
  expect((await create(service.owner)).status).toBe(201);
  const { body: found } = await service.call('GET', `${KEYS}?search=abandoned`, { as: service.owner.secret });
  const { total } = found.data.result.pagination;
  expect(total).toBeGreaterThan(0);
  // 32 places, plus calls whose disconnect was not noticed yet.
  expect(total).toBeLessThanOrEqual(32 + concurrent);
});

test('a call takes no place before its body has arrived, with a credential or without', async () => {
  await create(service.owner);
  const url = new URL(await service.app.listen({ host: '127.0.0.1', port: 0 }));
  const unfinished = ([path, ...credential]: readonly string[]) => {
    const fields = [
      ['Host', 'latchkey'],
      ...credential.map((key) => ['Authorization', `Bearer ${key}`] as const),
      ['Content-Type', 'application/json'],
      ['Content-Length', '60'],
    ] as const;
    return openAndWrite(Number(url.port), requestBytes(`POST ${path} HTTP/1.1`, fields, '{'));
  };
  const arrived = vi.fn();
  service.app.server.on('request', arrived);
  const kinds = [[KEYS, service.owner.secret], ['/api/v2/sessions']];
  const sockets = await Promise.all(kinds.map(unfinished));
  await expect.poll(() => arrived.mock.calls.length).toBe(kinds.length);
  await untilBegun();
  expect(load('running')).toEqual({ calls: 0, endings: 0, strangers: 0, exports: 0 });
  for (const socket of sockets) socket.destroy();
});

describe('a read that is held', () => {
  let read: ReturnType<typeof holdRead>;

  beforeEach(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    await service.close();
    service = await startTestService({ databaseUrl: `file:${join(folder, 'latchkey.db')}` });
    read = holdRead();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  /** Holds the answers to statements that read the audit log, and counts these statements. */
  function holdRead() {
    const { run } = SqliteThread.prototype;
    let statements = 0;
    let letGo = (): void => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const begun = new Promise<void>((begin) => {
      vi.spyOn(SqliteThread.prototype, 'run').mockImplementation(async function (
        this: SqliteThread,
        ...call
      ) {
        const outcome = await run.apply(this, call);
        if (!call[0].some(({ sql }) => /select .* from "audit_entries"/.test(sql))) return outcome;
        statements++;
        begin();
        await held;
        return outcome;
      });
    });
    return { begun, letGo, count: () => statements };
  }

  async function expectOneStatement(): Promise<void> {
    read.letGo();
    await expect.poll(() => load('running').calls).toBe(0);
    expect(read.count()).toBe(1);
  }

  test('runs no further statement after its client has disconnected', async () => {
    const url = new URL(await service.app.listen({ host: '127.0.0.1', port: 0 }));
    const closed = once(service.app.server, 'connection').then(([socket]) => once(socket, 'close'));
    const fields = [
      ['Host', 'latchkey'],
      ['Authorization', `Bearer ${service.owner.secret}`],
    ] as const;
    const socket = await openAndWrite(Number(url.port), requestBytes(`GET ${LOGS} HTTP/1.1`, fields));
    await read.begun;
    socket.destroy();
    await closed;
    await expectOneStatement();
  });

  test('is answered UNAVAILABLE after 10 s, and runs no further statement', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const call = service.call('GET', LOGS, { as: service.owner.secret });
    await read.begun;
    vi.advanceTimersByTime(10_000);
    expect((await call).status).toBe(503);
    vi.useRealTimers();
    await expectOneStatement();
  });

  test('leaves other calls their places, also if it is an export with an encoded path', async () => {
    const path = `${LOGS}/export`.replace('export', '%65xport');
    const headers = { authorization: `Bearer ${service.owner.secret}` };
    const exports = Array.from({ length: 3 }, () => inject(service.app, { url: path, headers }));
    await read.begun;
    await expect.poll(() => load('waiting').exports).toBe(1);
    expect(load('running')).toMatchObject({ calls: 0, exports: 2 });
    read.letGo();
    expect((await Promise.all(exports)).map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
  });
});
