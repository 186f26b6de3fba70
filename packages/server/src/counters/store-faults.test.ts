import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { type RedisServer, startRedis } from '../../test/harness/redis-server.ts';
import { openSharedInstance, type SharedInstance } from '../../test/harness/shared-instance.ts';
import { openSuiteDatabase } from '../storage/suites/open-suite-database.ts';
import type { SuiteDatabase } from '../storage/suites/suite-database.ts';
import { ANSWER_MS_MAX, type Answer, type Ask, type Joined, type JoinRequest } from './counter-store.ts';
import { RedisCounterStore } from './redis-counter-store.ts';
import type { WhenDown } from './shared-minutes.ts';

const LIMIT = 100;
/** Of two instances, in the minute of a fault: 2 - 1/N of the limit. */
const BOUND = 1.5 * LIMIT;

let redis: RedisServer;
let database: SuiteDatabase;
let opened: SharedInstance[];

beforeAll(async () => {
  [redis, database] = await Promise.all([startRedis(), openSuiteDatabase()]);
});
afterAll(async () => {
  await redis.close();
  await database.close();
});
beforeEach(async () => {
  await redis.flush();
  opened = [];
});
afterEach(async () => {
  redis.thaw();
  for (const { counters } of opened) await counters.close();
});

/** Two instances that know of each other, and of those that the test opened before. `now` is the clock of the store. */
async function openTwo(
  whenDown: WhenDown = 'share',
  now?: () => number,
): Promise<[SharedInstance, SharedInstance]> {
  const open = async () => {
    const store = new RedisCounterStore(redis.url, now);
    const instance = await openSharedInstance({ store, days: database.storage.dayQuotas, whenDown });
    opened.push(instance);
    return instance;
  };
  const [one, two] = [await open(), await open()];
  await expect.poll(() => one.client.health.instances, { timeout: 5_000 }).toBe(opened.length);
  return [one, two];
}

let keys = 0;
const newKey = (limit = LIMIT) => ({
  id: `key-${++keys}`,
  workspaceId: 'ws',
  rateLimit: { requestsPerMinute: limit, requestsPerDay: null },
});
type TestKey = ReturnType<typeof newKey>;

/** The number of calls that are admitted, of some that are sent together. */
async function admitted({ counters }: SharedInstance, key: TestKey, calls: number): Promise<number> {
  const states = await Promise.all(
    Array.from({ length: calls }, async () => counters.spend(key, 1, Date.now())),
  );
  return states.filter(({ retryAfterSeconds }) => retryAfterSeconds === null).length;
}

/** Uses the whole limit through the store, however often its answers are late on a busy machine. */
async function useUp(instance: SharedInstance, key: TestKey): Promise<void> {
  let total = 0;
  while (total < LIMIT) total += await admitted(instance, key, LIMIT - total);
}

/** What the store counts for the key, also above the limit. */
async function usedOf({ counters }: SharedInstance, key: TestKey): Promise<number> {
  const rateLimit = { requestsPerMinute: 10 * LIMIT, requestsPerDay: null };
  const { minute } = await counters.peek({ ...key, rateLimit }, 0, Date.now());
  return 10 * LIMIT - (minute?.remaining ?? 0);
}

async function until(instances: SharedInstance[], isReliable: boolean): Promise<void> {
  for (const { client } of instances)
    await expect.poll(() => client.health.isReliable, { timeout: 10_000 }).toBe(isReliable);
}

test('while the store is frozen, each instance admits its share, at once; then what they admitted counts, and nothing twice', async () => {
  const [one, two] = await openTwo();
  const key = newKey();
  expect(await admitted(one, key, 40)).toBe(40);
  redis.freeze();
  const begun = performance.now();
  // The first calls wait until they are void.
  const without = (await admitted(one, key, 50)) + (await admitted(two, key, 60));
  expect(performance.now() - begun).toBeLessThan(2_000);
  expect(without).toBeGreaterThan(0);
  expect(40 + without).toBeLessThanOrEqual(BOUND);
  await until([one, two], false);
  expect(one.counters.spend(key, LIMIT, Date.now())).toMatchObject({ minute: { limit: LIMIT } });
  expect(one.reports).toHaveLength(1);
  redis.thaw();
  await until([one, two], true);
  expect(one.reports[1]).toBeNull();
  await expect.poll(() => usedOf(two, key), { timeout: 5_000 }).toBe(40 + without);
});

test('an instance that starts while the store is gone works, and uses it once it is there', async () => {
  await redis.kill();
  const store = new RedisCounterStore(redis.url);
  const alone = await openSharedInstance({ store, days: database.storage.dayQuotas });
  opened.push(alone);
  const key = newKey();
  expect(alone.reports).toHaveLength(1);
  expect(await admitted(alone, key, LIMIT + 10)).toBe(LIMIT);
  await redis.restart();
  await until([alone], true);
  await expect.poll(() => usedOf(alone, key), { timeout: 5_000 }).toBe(LIMIT);
});

test('an instance that starts while the store is gone admits its share of the instances that the database lists', async () => {
  await redis.kill();
  const store = new RedisCounterStore(redis.url);
  const listed = () => 4;
  const late = await openSharedInstance({ store, days: database.storage.dayQuotas, listed });
  opened.push(late);
  expect(await admitted(late, newKey(), LIMIT)).toBe(LIMIT / 4);
  await redis.restart();
});

/** Redis over a network that holds messages back. */
class StallingStore extends RedisCounterStore {
  /** Until when answers to `count` are held back. */
  stall: Promise<void> = Promise.resolve();
  /** Milliseconds that each answer to `count` takes longer. */
  delayMs = 0;
  isJoinStalled = false;

  override async join(request: JoinRequest): Promise<Joined> {
    return this.isJoinStalled ? new Promise(() => {}) : super.join(request);
  }

  override async count(epoch: string, asks: readonly Ask[]): Promise<Answer> {
    const answer = await super.count(epoch, asks);
    await this.stall;
    if (this.delayMs > 0) await pause(this.delayMs);
    return answer;
  }
}

test('calls that are decided without the store while an answer is on the way count at the next decision without it', async () => {
  vi.useFakeTimers({ toFake: ['setInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const store = new StallingStore(redis.url);
  const alone = await openSharedInstance({ store, days: database.storage.dayQuotas });
  opened.push(alone);
  const key = newKey(3);
  let total = await admitted(alone, key, 1);
  // Three ticks without an answer to `join`, the third one while an answer to `count` is on the way.
  store.isJoinStalled = true;
  vi.advanceTimersByTime(1_000);
  await pause(2 * ANSWER_MS_MAX);
  vi.advanceTimersByTime(1_000);
  let end = () => {};
  store.stall = new Promise((resolve) => {
    end = resolve;
  });
  const onTheWay = admitted(alone, key, 1);
  await pause(ANSWER_MS_MAX / 5);
  vi.advanceTimersByTime(1_000);
  total += await admitted(alone, key, 1);
  end();
  total += await onTheWay;
  store.stall = pause(2 * ANSWER_MS_MAX);
  total += await admitted(alone, key, 2);
  expect(total).toBe(3);
});

test('after the store was killed and came back empty, both instances keep to their shares until it has seen a minute', async () => {
  const [one, two] = await openTwo();
  const key = newKey();
  await useUp(one, key);
  await redis.kill();
  const whileGone = (await admitted(one, key, 50)) + (await admitted(two, key, 80));
  await redis.restart();
  for (const { client } of [one, two])
    await expect.poll(() => client.health.isRefilling, { timeout: 10_000 }).toBe(true);
  await pause(50);
  const whileEmpty = (await admitted(one, key, 50)) + (await admitted(two, key, 80));
  expect(LIMIT + whileGone + whileEmpty).toBeLessThanOrEqual(BOUND);
  const other = newKey();
  expect(await admitted(one, other, LIMIT)).toBe(LIMIT / 2);
  // An instance that starts now does not trust the store either.
  const third = await openSharedInstance({
    store: new RedisCounterStore(redis.url),
    days: database.storage.dayQuotas,
  });
  opened.push(third);
  expect(third.client.health.isReliable).toBe(false);
});

test('an answer that shows that the clock of the store was set is void: its calls are decided without the store', async () => {
  let setByMs = 0;
  const [one, two] = await openTwo('share', () => Date.now() + setByMs);
  const key = newKey();
  await useUp(one, key);
  // For the store, the minute is over.
  setByMs = 120_000;
  const after = (await admitted(two, key, LIMIT)) + (await admitted(one, key, LIMIT));
  expect(LIMIT + after).toBeLessThanOrEqual(BOUND);
});

test('an instance starts, and reports it, while the store does not answer its first join', {
  timeout: 10_000,
}, async () => {
  const store = new StallingStore(redis.url);
  store.isJoinStalled = true;
  const alone = await openSharedInstance({ store, days: database.storage.dayQuotas });
  opened.push(alone);
  expect(alone.reports).toEqual([expect.any(Error)]);
});

test('calls that were decided without the store a minute ago no longer count, also while only joins are answered in time', async () => {
  let shiftMs = 0;
  const clock = {
    now: () => Date.now() + shiftMs,
    monotonic: () => Math.floor(performance.now()) + shiftMs,
  };
  const store = new StallingStore(redis.url, () => clock.now());
  const alone = await openSharedInstance({ store, days: database.storage.dayQuotas, clock });
  opened.push(alone);
  store.delayMs = 2 * ANSWER_MS_MAX;
  const key = newKey(3);
  expect(await admitted(alone, key, 5)).toBe(3);
  shiftMs = 61_000;
  const shiftedAt = clock.monotonic();
  await expect
    .poll(() => alone.client.health.answeredAt, { timeout: 5_000 })
    .toBeGreaterThanOrEqual(shiftedAt);
  expect(await admitted(alone, key, 5)).toBe(3);
});

test('the connection to the store is closed even if the leases of days cannot be given back', async () => {
  const gone = await openSuiteDatabase();
  const store = new RedisCounterStore(redis.url);
  const { counters } = await openSharedInstance({ store, days: gone.storage.dayQuotas });
  await counters.spend({ ...newKey(), rateLimit: { requestsPerMinute: null, requestsPerDay: 1_000 } }, 1, 0);
  await gone.close();
  await expect(counters.close()).rejects.toThrow();
  await expect(store.count('', [])).rejects.toThrow('does not answer');
});

test('with `deny`, no call is admitted that the store has not counted; with `allow`, all are', async () => {
  const [denying] = await openTwo('deny');
  const [allowing] = await openTwo('allow');
  const key = newKey();
  redis.freeze();
  expect(await admitted(denying, key, 10)).toBe(0);
  expect(await admitted(allowing, key, 3 * LIMIT)).toBe(3 * LIMIT);
  redis.thaw();
});
