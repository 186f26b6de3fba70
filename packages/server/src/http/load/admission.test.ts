import { afterEach, beforeEach, expect, test } from 'vitest';
import { sendAndHangUp } from '../../../test/harness/abandoned-requests.ts';
import { requestBytes } from '../../../test/harness/raw-http.ts';
import { type Answer, startTestService, type TestService } from '../../../test/harness/test-service.ts';

const KEYS = '/api/v2/api-keys';

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
