import { cpus, loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PostgresCounterStore } from '../../src/counters/postgres-counter-store.ts';
import { RedisCounterStore } from '../../src/counters/redis-counter-store.ts';
import type { WhenDown } from '../../src/counters/shared-minutes.ts';
import { openSuiteDatabase } from '../../src/storage/suites/open-suite-database.ts';
import type { SuiteDatabase } from '../../src/storage/suites/suite-database.ts';
import { startDatabaseProxy } from '../harness/database-proxy.ts';
import { createPostgresDatabase } from '../harness/postgres-database.ts';
import { startRedis } from '../harness/redis-server.ts';
import { openSharedInstance, type SharedInstance } from '../harness/shared-instance.ts';
import {
  admittedByPerfection,
  type Call,
  mostInAMinute,
  mostWithinAMinute,
  type TimedCall,
  totalOf,
} from '../harness/sliding-window.ts';

type Kind = 'Redis' | 'PostgreSQL';

const KINDS: readonly Kind[] = ['Redis', 'PostgreSQL'];
const LIMITS = [1, 2, 60, 1_000, 100_000];
const COUNTS = [1, 2, 4];
const SECONDS = Number(process.env.LAB_SECONDS ?? 185);
/** With `deny`, calls that are decided without the store add nothing, so that no cell may be over. */
const WHEN_DOWN: WhenDown = process.env.LAB_WHEN_DOWN === 'deny' ? 'deny' : 'share';
const FAULT_SECONDS = Number(process.env.LAB_FAULT_SECONDS ?? 180);
const FAULT_LIMIT = 1_000;
const FAULT_INSTANCES = 4;
const OUTAGE_MS = 10_000;

/** A counter store and the network between it and each instance. */
interface Server {
  url: string;
  kill(): Promise<void>;
  restart(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  close(): Promise<void>;
}

let database: SuiteDatabase;

beforeAll(async () => {
  database = await openSuiteDatabase();
});
afterAll(() => database.close());

async function startServer(kind: Kind): Promise<Server> {
  if (kind === 'PostgreSQL') return startPostgres();
  const redis = await startRedis();
  return { ...redis, freeze: async () => redis.freeze(), thaw: async () => redis.thaw() };
}

/** One database; a crash is that of its connections, after which its unlogged tables are empty, as after a crash of the server. */
async function startPostgres(): Promise<Server> {
  const { url: direct, drop } = await createPostgresDatabase(null);
  const proxy = await startDatabaseProxy(direct);
  const administer = async (statement: string) => {
    const client = new pg.Client({ connectionString: direct, application_name: 'administrator' });
    await client.connect();
    const { rows } = await client.query(statement);
    await client.end();
    return rows as { pid: number }[];
  };
  const signal = async (name: 'SIGSTOP' | 'SIGCONT') => {
    const sessions = `select pid from pg_stat_activity where application_name = 'latchkey counters' and datname = current_database()`;
    for (const { pid } of await administer(sessions)) process.kill(pid, name);
  };
  return {
    url: proxy.url,
    async kill() {
      proxy.cut();
      await administer('truncate counter_epoch, counter_instances, minute_counters');
    },
    restart: async () => proxy.restore(),
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async close() {
      await proxy.close();
      await drop();
    },
  };
}

function connect(kind: Kind, url: string) {
  return kind === 'Redis' ? new RedisCounterStore(url) : new PostgresCounterStore(url);
}

function open(kind: Kind, url: string, whenDown: WhenDown): Promise<SharedInstance> {
  return openSharedInstance({ store: connect(kind, url), days: database.storage.dayQuotas, whenDown });
}

let keys = 0;
const newKey = (limit: number) => ({
  id: `key-${++keys}`,
  workspaceId: 'ws',
  rateLimit: { requestsPerMinute: limit, requestsPerDay: null },
});

/** What became of the calls of one key. */
class Record {
  readonly asked: Call[] = [];
  readonly admitted: TimedCall[] = [];
  /** Milliseconds that calls waited which were not answered at once. */
  readonly waits: number[] = [];
  readonly key: ReturnType<typeof newKey>;

  constructor(limit: number) {
    this.key = newKey(limit);
  }

  async call({ counters }: SharedInstance, cost: number): Promise<void> {
    const begun = performance.now();
    const answer = counters.spend(this.key, cost, Date.now());
    const { retryAfterSeconds } = await answer;
    const at = performance.now();
    this.asked.push({ at: begun, cost });
    if (answer instanceof Promise) this.waits.push(at - begun);
    if (retryAfterSeconds === null) this.admitted.push({ from: begun, at, cost });
  }

  get deniedShare(): number {
    return this.asked.length === 0 ? 0 : 1 - this.admitted.length / this.asked.length;
  }
}

/** Calls at a rate a second, until the end. `pick` chooses the instance of each. */
async function callSteadily(
  record: Record,
  { perSecond, cost, ends }: { perSecond: number; cost: number; ends: number },
  pick: (index: number) => SharedInstance,
): Promise<void> {
  const begun = performance.now();
  const pending: Promise<void>[] = [];
  for (let index = 0; performance.now() < ends; ) {
    const due = Math.floor(((performance.now() - begun) / 1_000) * perSecond);
    for (; index < due; index++) pending.push(record.call(pick(index), cost));
    await pause(10);
  }
  await Promise.all(pending);
}

/** Nine tenths of the limit at once, and again after more than a minute. */
async function callInBursts(
  record: Record,
  limit: number,
  cost: number,
  instances: SharedInstance[],
  ends: number,
) {
  while (performance.now() + 5_000 < ends) {
    const calls = Array.from({ length: Math.floor((0.9 * limit) / cost) }, (_, index) =>
      record.call(pickOf(instances, index), cost),
    );
    await Promise.all(calls);
    await pause(61_500);
  }
}

function pickOf(instances: readonly SharedInstance[], index: number): SharedInstance {
  return instances[index % instances.length] ?? expect.unreachable();
}

function quantile(values: readonly number[], part: number): string {
  const sorted = [...values].sort((one, other) => one - other);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1);
}

const percent = (part: number) => `${(100 * part).toFixed(1)} %`;

async function measureCell(kind: Kind, limit: number, instances: SharedInstance[]) {
  // A limit of 100,000 is used up by dear calls, so that this machine can make them.
  const cost = limit > 10_000 ? limit / 2_000 : 1;
  const ends = performance.now() + SECONDS * 1_000;
  const perSecond = limit / cost / 60;
  const [full, even, moving, bursts] = [
    new Record(limit),
    new Record(limit),
    new Record(limit),
    new Record(limit),
  ];
  const round = (index: number) => pickOf(instances, index);
  const oneOf = () => pickOf(instances, Math.floor(performance.now() / 15_000));
  const below = { perSecond: 0.9 * perSecond, cost, ends };
  await Promise.all([
    callSteadily(full, { perSecond: Math.max(5, 1.5 * perSecond), cost, ends }, round),
    ...(limit < 60
      ? []
      : [
          callSteadily(even, below, round),
          callSteadily(moving, below, oneOf),
          callInBursts(bursts, limit, cost, instances, ends),
        ]),
  ]);
  const waits = [full, even, moving, bursts].flatMap((record) => record.waits);
  return {
    store: kind,
    instances: instances.length,
    limit,
    calls: full.asked.length + even.asked.length + moving.asked.length + bursts.asked.length,
    // The process reads answers late while it is overloaded, so that the instants of calls are known as spans.
    over: Math.max(
      0,
      ...[full, even, moving, bursts].map(({ admitted }) => mostWithinAMinute(admitted) - limit),
    ),
    usable: percent(totalOf(full.admitted) / admittedByPerfection(full.asked, limit)),
    'denied, even': percent(even.deniedShare),
    'denied, moving': percent(moving.deniedShare),
    'denied, bursts': percent(bursts.deniedShare),
    'p50 ms': quantile(waits, 0.5),
    'p99 ms': quantile(waits, 0.99),
  };
}

test('limits over 1, 2 and 4 instances: never over, usable, and not denied below', {
  timeout: 900_000,
}, async () => {
  const kinds = KINDS.flatMap((kind) => COUNTS.map((count) => ({ kind, count })));
  const cells = await Promise.all(
    kinds.map(async ({ kind, count }) => {
      const server = await startServer(kind);
      const instances = await Promise.all(
        Array.from({ length: count }, () => open(kind, server.url, WHEN_DOWN)),
      );
      return { kind, server, instances };
    }),
  );
  // The instances of a store know of each other a second after they have started.
  await pause(2_500);
  const measured = cells.map(({ kind, instances }) =>
    Promise.all(LIMITS.map((limit) => measureCell(kind, limit, instances))),
  );
  const rows = (await Promise.all(measured)).flatMap((ofLimits, cell) => {
    const instances = cells[cell]?.instances ?? [];
    // Of all limits of the same instances.
    const alone = instances.reduce((sum, { counters }) => sum + counters.decidedAlone, 0);
    return ofLimits.map((row) => ({ ...row, alone }));
  });
  console.log(
    `load of the machine: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(', ')}; ${cpus().length} processors`,
  );
  console.table(rows);
  for (const { server, instances } of cells) {
    for (const { counters } of instances) await counters.close();
    await server.close();
  }
  // Calls that were decided without the store, since its answers were late, have the bound of a fault.
  const boundOf = ({ alone, instances, limit }: (typeof rows)[number]) =>
    alone === 0 || WHEN_DOWN === 'deny' ? 0 : (1 - 1 / instances) * limit;
  expect(rows.filter((row) => row.over > boundOf(row))).toEqual([]);
});

const FAULTS = ['killed', 'frozen', 'empty', 'cut off'] as const;

async function measureFault(kind: Kind, fault: (typeof FAULTS)[number], whenDown: WhenDown) {
  const server = await startServer(kind);
  // The first instance has a network of its own.
  const cut = await startDatabaseProxy(server.url);
  const urls = Array.from({ length: FAULT_INSTANCES }, (_, index) => (index === 0 ? cut.url : server.url));
  const instances = await Promise.all(urls.map((url) => open(kind, url, whenDown)));
  const record = new Record(FAULT_LIMIT);
  const ends = performance.now() + FAULT_SECONDS * 1_000;
  const load = { perSecond: (6 * FAULT_LIMIT) / 60, cost: 1, ends };
  // The worst case: one instance has used the limit, and then all are called.
  const target = { spread: 1 };
  const calls = callSteadily(record, load, (index) => pickOf(instances, 1 + (index % target.spread)));
  await pause(50_000);
  target.spread = FAULT_INSTANCES;
  if (fault === 'frozen') await server.freeze();
  else if (fault === 'cut off') cut.cut();
  else await server.kill();
  await pause(fault === 'empty' ? 0 : OUTAGE_MS);
  if (fault === 'frozen') await server.thaw();
  else if (fault === 'cut off') cut.restore();
  else await server.restart();
  await calls;
  const { admitted } = record;
  const last = admitted.filter(({ at }) => at > ends - 60_000);
  for (const { counters } of instances) await counters.close();
  await cut.close();
  await server.close();
  const worst = mostInAMinute(admitted) / FAULT_LIMIT;
  const bound = whenDown === 'share' ? 2 - 1 / FAULT_INSTANCES : 1;
  return {
    store: kind,
    fault,
    whenDown,
    worst: worst.toFixed(3),
    bound,
    isWithin: worst <= bound,
    'last minute': (totalOf(last) / FAULT_LIMIT).toFixed(3),
    'p99 ms': quantile(record.waits, 0.99),
  };
}

test('while the store is gone, frozen, empty or cut off from one of four instances: within the documented bound', {
  timeout: 900_000,
}, async () => {
  const cases = KINDS.flatMap((kind) =>
    FAULTS.flatMap((fault) => (['share', 'deny'] as const).map((whenDown) => ({ kind, fault, whenDown }))),
  );
  const rows = await Promise.all(
    cases.map(({ kind, fault, whenDown }) => measureFault(kind, fault, whenDown)),
  );
  console.log(
    `load of the machine: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(', ')}; ${cpus().length} processors`,
  );
  console.table(rows);
  expect(rows.filter(({ isWithin }) => !isWithin)).toEqual([]);
});
