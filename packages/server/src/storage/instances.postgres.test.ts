import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createPostgresDatabase, type PostgresDatabase } from '../../test/harness/postgres-database.ts';
import type { Confirmation } from '../domain/host/instances.ts';
import { systemClock } from '../domain/shared/clock.ts';
import { pepperJobs } from '../jobs/jobs.ts';
import { schedule, shareJobs } from '../jobs/schedule.ts';
import { PolledFeed } from './change-feeds.ts';
import type { ChangeLog, Database, PeerTable } from './engines/engine.ts';
import { postgres } from './engines/postgres.ts';
import { SharedInstances } from './instances.ts';

const LEASE_MS = 2_000;

let created: PostgresDatabase;
let database: Database;
let peers: PeerTable;
const running: Joined[] = [];

beforeAll(async () => {
  created = await createPostgresDatabase();
  database = await postgres.open(created.url);
  peers = database.peers as PeerTable;
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((joined) => joined.leave()));
  await sql`delete from instances`.execute(database.db);
});
afterAll(async () => {
  await database.close();
  await created.drop();
});

interface Joined {
  readonly id: string;
  readonly instances: SharedInstances;
  /** Polls no more, as a process that is stopped or cut off. */
  freeze(): void;
  loseDatabase(): Promise<void>;
  leave(): Promise<void>;
}

/** An instance with its own connections. */
async function join(id: string): Promise<Joined> {
  const own = await postgres.open(created.url);
  const log = own.changeLog as ChangeLog;
  const feed = new PolledFeed({ log, publish: () => {}, clock: systemClock, leaseMs: LEASE_MS });
  const instances = new SharedInstances({
    instance: {
      id,
      version: '1.2.3',
      host: 'host',
      pid: 7,
      startedAt: Number(id.slice(-1)),
      pepperIds: ['new', 'old'],
    },
    peers: own.peers as PeerTable,
    health: () => ({ cachedKeys: 5, lagMs: 12, lastError: { at: 9, message: 'failed' } }),
    leaseMs: LEASE_MS,
    report: () => {},
  });
  feed.onReceipts = (receipts) => instances.confirm(receipts);
  const polling = new AbortController();
  const beating = new AbortController();
  await instances.start(beating.signal);
  await feed.start(polling.signal, () => {});
  const joined = {
    id,
    instances,
    freeze: () => polling.abort(),
    loseDatabase: () => own.close(),
    async leave() {
      polling.abort();
      beating.abort();
      await instances.stop();
      await own.close();
    },
  };
  running.push(joined);
  return joined;
}

const idsOf = (confirmations: readonly Confirmation[]) => confirmations.map(({ id }) => id);
const open = (confirmations: readonly Confirmation[]) =>
  idsOf(confirmations.filter(({ confirmedAt }) => confirmedAt === null));

test('every instance lists all live ones, with what each said at its last heartbeat, until it leaves', async () => {
  const one = await join('ins_1');
  const two = await join('ins_2');
  expect(await one.instances.list()).toEqual([
    expect.objectContaining({ id: 'ins_1' }),
    {
      id: 'ins_2',
      version: '1.2.3',
      host: 'host',
      pid: 7,
      startedAt: 2,
      pepperIds: ['new', 'old'],
      heartbeatAt: expect.any(Number),
      cachedKeys: 5,
      lagMs: 12,
      lastError: { at: 9, message: 'failed' },
    },
  ]);
  expect([one.instances.count, two.instances.count]).toEqual([2, 2]);
  await two.leave();
  running.pop();
  expect(idsOf((await one.instances.list()) as never)).toEqual(['ins_1']);
});

test('an instance without heartbeats is listed until its lease has certainly ended, and its row is deleted after that', async () => {
  const one = await join('ins_1');
  const two = await join('ins_2');
  const setBack = (ms: number) =>
    sql`update instances set live_until = live_until - ${ms}::bigint where id = 'ins_2'`.execute(database.db);
  await setBack(15_000);
  expect(await one.instances.list()).toHaveLength(2);
  await setBack(LEASE_MS + 1);
  expect(await one.instances.list()).toHaveLength(1);
  await peers.purge();
  expect((await sql`select id from instances`.execute(database.db)).rows).toEqual([{ id: 'ins_1' }]);
  await two.instances.beat();
  expect(await one.instances.list()).toHaveLength(2);
});

test('a receipt has the time at which each live instance has confirmed, within a second', async () => {
  const joined = await Promise.all(['ins_1', 'ins_2', 'ins_3'].map(join));
  const [one] = joined;
  const { rows } = await sql<{ now: number }>`
    select (extract(epoch from clock_timestamp()) * 1000)::bigint as now`.execute(database.db);
  const askedAt = performance.now();
  const confirmations = (await one?.instances.confirmAll()) ?? [];
  expect(performance.now() - askedAt).toBeLessThan(1_000);
  expect(idsOf(confirmations)).toEqual(joined.map(({ id }) => id));
  for (const { confirmedAt } of confirmations)
    expect(confirmedAt).toBeGreaterThanOrEqual(rows[0]?.now ?? Number.NaN);
});

test('an instance that does not poll is listed without a confirmation, after five seconds', async () => {
  const one = await join('ins_1');
  const two = await join('ins_2');
  two.freeze();
  await pause(150);
  const askedAt = performance.now();
  const all = await Promise.all(Array.from({ length: 50 }, () => one.instances.confirmAll()));
  expect(performance.now() - askedAt).toBeGreaterThan(4_900);
  expect(performance.now() - askedAt).toBeLessThan(7_000);
  for (const confirmations of all) expect(open(confirmations)).toEqual(['ins_2']);
});

test('callers at the same time share receipts, so that their number does not load the database', async () => {
  const one = await join('ins_1');
  const asked = sql<{ count: number }>`select count(*) from invalidations where kind = 'receipt'`;
  const before = (await asked.execute(database.db)).rows[0]?.count ?? 0;
  const all = await Promise.all(Array.from({ length: 500 }, () => one.instances.confirmAll()));
  expect(all.map(open)).toEqual(all.map(() => []));
  const after = (await asked.execute(database.db)).rows[0]?.count ?? 0;
  expect(after - before).toBeLessThanOrEqual(2);
});

test('a caller is told that no instance has confirmed if the database is gone, and gets no error', async () => {
  const one = await join('ins_1');
  await one.loseDatabase();
  expect(await one.instances.confirmAll()).toEqual([{ id: one.id, confirmedAt: null }]);
});

test('a job that runs once is run by one of several instances in each interval, and by another one when that is gone', async () => {
  const runs: string[] = [];
  const EVERY_MS = 1_200;
  const stops = ['a', 'b', 'c'].map((holder) => {
    const run = async () => void runs.push(holder);
    const job = { name: 'daily', everyMs: EVERY_MS, once: true, run } as const;
    return schedule(shareJobs([job], peers, holder), (_job, error) => {
      throw error;
    });
  });
  const until = async (count: number) => {
    while (runs.length < count) await pause(20);
  };
  const startedAt = performance.now();
  await until(3);
  expect(performance.now() - startedAt).toBeGreaterThan(2 * EVERY_MS * 0.9);
  const last = runs.at(-1) ?? '';
  await stops['abc'.indexOf(last)]?.();
  await until(4);
  expect(runs.at(-1)).not.toBe(last);
  await Promise.all(stops.map((stop) => stop()));
});

test('rows are never sealed again by two instances at once, and until none of them needs it', async () => {
  let running = 0;
  let most = 0;
  const ran = new Set<string>();
  const jobs = (holder: string) => {
    const storage = {
      shared: null,
      adoptPepper: async () => {},
      needsReseal: () => !ran.has(holder),
      async reseal() {
        most = Math.max(most, ++running);
        await pause(100);
        running--;
        ran.add(holder);
      },
    };
    const secretRehash = { flush: async () => {} };
    return shareJobs(pepperJobs({ storage, secretRehash }), peers, holder).map((job) => ({
      ...job,
      everyMs: job.everyMs / 20,
    }));
  };
  const stops = ['a', 'b', 'c'].map((holder) =>
    schedule(jobs(holder), (_job, error) => {
      throw error;
    }),
  );
  const clearRest = setInterval(
    () => void sql`update job_leases set due_at = 0`.execute(database.db).catch(() => {}),
    50,
  );
  await expect.poll(() => ran.size, { timeout: 20_000 }).toBe(3);
  clearInterval(clearRest);
  await Promise.all(stops.map((stop) => stop()));
  expect(most).toBe(1);
});

test('a job is taken by one holder, again only after its rest, and by another one after the holder has died', async () => {
  const take = (holder: string, heldMs = 10_000) => peers.takeJob('sweep', holder, heldMs);
  const taken = await Promise.all(['a', 'b', 'c', 'd'].map((holder) => take(holder)));
  expect(taken.filter(Boolean)).toHaveLength(1);
  const holder = 'abcd'[taken.indexOf(true)] ?? '';
  expect(await peers.keepJob('sweep', holder, 10_000)).toBe(true);
  expect(await peers.keepJob('sweep', 'other', 10_000)).toBe(false);
  await peers.endJob('sweep', holder, 200);
  expect(await take('b')).toBe(false);
  await pause(250);
  expect(await take('b', 100)).toBe(true);
  expect(await take('c')).toBe(false);
  await pause(150);
  expect(await take('c')).toBe(true);
  expect(await peers.keepJob('sweep', 'b', 100)).toBe(false);
});
