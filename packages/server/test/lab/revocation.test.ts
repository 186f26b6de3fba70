import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateKeyText } from '../../src/domain/shared/tokens.ts';
import { type DatabaseProxy, startDatabaseProxy } from '../harness/database-proxy.ts';
import { hasPgBouncer, type PgBouncer, startPgBouncer } from '../harness/pgbouncer.ts';
import { createPostgresDatabase, type PostgresDatabase } from '../harness/postgres-database.ts';
import { type PostgresServer, startPostgres } from '../harness/postgres-server.ts';
import { startRedis } from '../harness/redis-server.ts';
import { codeOf, Fleet, KEYS, type Member, metricOf } from './fleet.ts';

/** The number of instances. */
const INSTANCES = 4;
const REVOKES = Number(process.env.REVOKES ?? 200);
/** Milliseconds between two revokes. */
const REVOKE_EVERY_MS = 40;
/** The default of the service. */
const LEASE_MS = 10_000;
const STOPPED_MS = 20_000;

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

/** A fleet whose last instance reaches the database through a proxy. */
interface World {
  readonly fleet: Fleet;
  readonly database: PostgresDatabase;
  readonly proxy: DatabaseProxy;
  close(): Promise<void>;
}

async function openWorld(): Promise<World> {
  const database = await createPostgresDatabase(null, server.url);
  const proxy = await startDatabaseProxy(database.url);
  const { url } = database;
  const fleet = await Fleet.start([url, url, url, proxy.url]);
  return {
    fleet,
    database,
    proxy,
    async close() {
      await fleet.stop();
      await proxy.close();
      await database.drop();
    },
  };
}

interface Revoked {
  readonly key: string;
  readonly acknowledgedAt: number;
  readonly effectiveBy: number;
}

/** What one instance answered about the revoked keys. */
interface Observed {
  /** For each key, the milliseconds from the acknowledgement to the last answer that accepted it; 0: none did. */
  readonly lags: number[];
  /** Accepted at or after `effectiveBy`, by the time of the answer. */
  late: number;
  unavailable: number;
}

/** Asks the instance for every revoked key, again and again, until it accepts none and all are revoked. */
async function observe(
  member: Member,
  revoked: readonly Revoked[],
  isOver: () => boolean,
): Promise<Observed> {
  const observed: Observed = { lags: [], late: 0, unavailable: 0 };
  const lags = new Map<Revoked, number>();
  const denied = new Set<Revoked>();
  const ask = async (each: Revoked) => {
    const code = await codeOf(member, each.key);
    const now = Date.now();
    if (code === '503') observed.unavailable++;
    if (code !== 'VALID') return void denied.add(each);
    lags.set(each, now - each.acknowledgedAt);
    if (now >= each.effectiveBy) observed.late++;
  };
  while (!isOver() || denied.size < revoked.length) {
    const open = revoked.filter((each) => !denied.has(each));
    await Promise.all(open.map(ask));
    await pause(open.length > 20 ? 20 : 2);
  }
  observed.lags.push(...revoked.map((each) => lags.get(each) ?? 0));
  return observed;
}

interface Situation {
  readonly name: string;
  /** Further fields of the keys. */
  readonly fields?: object;
  /** Called before the revokes. */
  begin?(): Promise<void> | void;
  /** Called after the revokes; resolves when the situation is over. */
  end?(): Promise<void>;
}

const rows: object[] = [];

/** The row of a table at the end, which is also printed at once: a lab takes minutes. */
function report(row: object): void {
  rows.push(row);
  console.log(JSON.stringify(row));
}

/** Revokes keys through the first three instances in turn, while all others are asked for them. */
async function measure(fleet: Fleet, { name, fields, begin, end }: Situation): Promise<void> {
  const load = loadavg()[0]?.toFixed(1);
  const keys: { id: string; key: string }[] = [];
  for (let made = 0; made < REVOKES; made++) keys.push(await fleet.createKey(fleet.member(0), fields));
  // Twice: a look-up beside a poll with changes is not kept in memory.
  await pause(300);
  for (const { key } of [...keys, ...keys])
    expect(await Promise.all(fleet.members.map((member) => codeOf(member, key)))).toEqual(
      fleet.members.map(() => 'VALID'),
    );
  await begin?.();
  const revoked: Revoked[] = [];
  let isOver = false;
  const observing = fleet.members.map((member) => observe(member, revoked, () => isOver));
  for (const [index, { id, key }] of keys.entries()) {
    const dueAt = performance.now() + REVOKE_EVERY_MS;
    const { client } = fleet.member(index % (INSTANCES - 1));
    const answer = await client.call('DELETE', `${KEYS}/${id}`, { as: fleet.owner.key });
    expect(answer.status, answer.text).toBe(200);
    const effectiveBy = Date.parse(answer.body.data.result.effectiveBy);
    revoked.push({ key, acknowledgedAt: Date.now(), effectiveBy });
    await pause(Math.max(0, dueAt - performance.now()));
  }
  const ending = end?.();
  isOver = true;
  const observed = await Promise.all(observing);
  await ending;
  const last = observed.at(-1);
  // Without the instance that has revoked the key, which denies it at once.
  const isOther = (index: number, instance: number) => index % (INSTANCES - 1) !== instance;
  const others = observed
    .slice(0, -1)
    .flatMap(({ lags }, instance) => lags.filter((_lag, index) => isOther(index, instance)));
  report({
    situation: name,
    revokes: revoked.length,
    'p50 ms': quantile(others, 0.5),
    'p99 ms': quantile(others, 0.99),
    'max ms': Math.max(...others),
    'p99 ms, instance 4': quantile(last?.lags ?? [], 0.99),
    'max ms, instance 4': Math.max(...(last?.lags ?? [])),
    'answers 503': observed.reduce((sum, { unavailable }) => sum + unavailable, 0),
    'accepts after effectiveBy': observed.reduce((sum, { late }) => sum + late, 0),
    'load, before and after': `${load}, ${loadavg()[0]?.toFixed(1)}`,
  });
  expect(observed.map(({ late }) => late)).toEqual(observed.map(() => 0));
}

function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * part) - 1] ?? Number.NaN;
}

/** A transaction of another program, which has written and stays open. */
async function openStranger(url: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('begin; create table of_a_stranger (id int); insert into of_a_stranger values (1)');
  return () => client.end();
}

test('no instance accepts a revoked key after `effectiveBy`, whatever happens to it and to the database', async () => {
  const { fleet, database, proxy, close } = await openWorld();
  await measure(fleet, { name: 'healthy' });
  let endStranger = async () => {};
  await measure(fleet, {
    name: 'write transaction of a stranger stays open',
    async begin() {
      endStranger = await openStranger(database.url);
    },
    end: () => endStranger(),
  });
  await measure(fleet, {
    name: 'instance 4 is cut off from the database',
    begin: () => proxy.cut(),
    end: () => pause(LEASE_MS).then(() => proxy.restore()),
  });
  await pause(1_000);
  const stopped = fleet.member(INSTANCES - 1).process.pid;
  await measure(fleet, {
    name: `instance 4 is stopped by SIGSTOP for ${STOPPED_MS / 1_000} s`,
    begin() {
      process.kill(stopped, 'SIGSTOP');
      setTimeout(() => process.kill(stopped, 'SIGCONT'), STOPPED_MS);
    },
  });
  await close();
  console.table(rows.splice(0));
});

test('the same while the counter store is stopped, for keys with a limit per minute', async () => {
  const database = await createPostgresDatabase(null, server.url);
  const redis = await startRedis();
  const { url } = database;
  const fleet = await Fleet.start([url, url, url, url], { LATCHKEY_COUNTERS_URL: redis.url });
  await measure(fleet, {
    name: 'Redis is stopped',
    fields: { rateLimit: { requestsPerMinute: 100_000 } },
    begin: () => redis.kill(),
    end: () => redis.restart(),
  });
  const alone = fleet.members.map((member) => metricOf(member, 'latchkey_limits_decided_alone_total'));
  for (const calls of await Promise.all(alone)) expect(calls).toBeGreaterThan(0);
  await fleet.stop();
  await redis.close();
  await database.drop();
  console.table(rows.splice(0));
});

test('the same through PgBouncer in transaction mode', async () => {
  expect(hasPgBouncer(), 'install pgbouncer, for example with apt-get install pgbouncer').toBe(true);
  const database = await createPostgresDatabase(null, server.url);
  const pooler: PgBouncer = await startPgBouncer(database.url);
  const { url } = pooler;
  const fleet = await Fleet.start([url, url, url, url]);
  await measure(fleet, { name: 'PgBouncer is between' });
  await fleet.stop();
  await pooler.stop();
  await database.drop();
  console.table(rows.splice(0));
});

const TRIES = Number(process.env.NEW_KEYS ?? 2_000);
const FLOOD_A_SECOND = 5_000;
const FLOOD_BATCH = 500;
const FLOOD_PENDING_MAX = 20;

/** Asks for 5,000 invented keys a second, in batches, until it is ended; resolves with how many there were. */
function flood(fleet: Fleet): () => Promise<number> {
  let isOver = false;
  let sent = 0;
  const { key } = fleet.owner;
  const flooding = (async () => {
    const startedAt = performance.now();
    const pending = new Set<Promise<unknown>>();
    while (!isOver) {
      const member = fleet.member(1 + ((sent / FLOOD_BATCH) % (INSTANCES - 1)));
      const checks = Array.from({ length: FLOOD_BATCH }, () => ({ key: generateKeyText('lk', 'live') }));
      const call = member.client.call('POST', `${KEYS}/verify-many`, { as: key, body: { checks } });
      pending.add(call);
      void call.finally(() => pending.delete(call));
      sent += FLOOD_BATCH;
      // A busy machine gets fewer a second, which the table shows.
      if (pending.size >= FLOOD_PENDING_MAX) await Promise.race(pending);
      await pause(Math.max(0, startedAt + (sent / FLOOD_A_SECOND) * 1_000 - performance.now()));
    }
    await Promise.all(pending);
  })();
  return async () => {
    isOver = true;
    await flooding;
    return sent;
  };
}

test('a key that one instance has made is accepted by the others at once, also while invented keys are sent', async () => {
  const { fleet, close } = await openWorld();
  const polls = () =>
    Promise.all(fleet.members.map((member) => metricOf(member, 'latchkey_feed_polls_total')));
  for (const isFlooded of [false, true]) {
    const load = loadavg()[0]?.toFixed(1);
    const startedAt = performance.now();
    const before = await polls();
    const endFlood = isFlooded ? flood(fleet) : async () => 0;
    const wrong: string[] = [];
    for (let tries = 0; tries < TRIES; tries += INSTANCES - 1) {
      const { key } = await fleet.createKey(fleet.member(0));
      const codes = await Promise.all(fleet.members.slice(1).map((member) => codeOf(member, key)));
      wrong.push(...codes.filter((code) => code !== 'VALID'));
    }
    const invented = await endFlood();
    // An instance that cannot answer within a second says so, which denies no key.
    const denied = wrong.filter((code) => code !== '503');
    const seconds = (performance.now() - startedAt) / 1_000;
    const after = await polls();
    report({
      'invented keys a second': Math.round(invented / seconds),
      tries: TRIES,
      denied: denied.length,
      'answers 503': wrong.length - denied.length,
      'polls a second, by instance': after
        .map((count, index) => ((count - (before[index] ?? 0)) / seconds).toFixed(0))
        .join(', '),
      seconds: seconds.toFixed(1),
      'load, before and after': `${load}, ${loadavg()[0]?.toFixed(1)}`,
    });
    expect(denied).toEqual([]);
  }
  await close();
  console.table(rows.splice(0));
});

const LOST_COMMITS = 50;

test('the caller is told the truth about a commit whose answer was lost', async () => {
  const { fleet, proxy, close } = await openWorld();
  const last = fleet.member(INSTANCES - 1);
  const count = { committed: 0, unknown: 0, untrue: 0 };
  for (let round = 0; round < LOST_COMMITS; round++) {
    const name = `Lost ${round}`;
    proxy.failNextCommit(round % 2 === 0 ? 'answer lost' : 'commit lost');
    const body = { name, userId: fleet.owner.userId };
    const answer = await last.client.call('POST', KEYS, { as: fleet.owner.key, body });
    const found = await fleet
      .member(0)
      .client.call('GET', `${KEYS}?search=${encodeURIComponent(name)}&limit=100`, {
        as: fleet.owner.key,
      });
    const stored = found.body.data.result.apiKeys.filter((key: { name: string }) => key.name === name).length;
    if (answer.status === 201) count.committed++;
    if (answer.status === 503 && answer.body.data.error.code === 'COMMIT_UNCONFIRMED') count.unknown++;
    else if (stored !== (answer.status === 201 ? 1 : 0)) count.untrue++;
  }
  await close();
  console.table([{ 'lost answers and commits': LOST_COMMITS, ...count }]);
  expect(count.untrue).toBe(0);
});
