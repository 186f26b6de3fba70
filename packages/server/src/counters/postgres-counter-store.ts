import { nanoid } from 'nanoid';
import pg from 'pg';
import {
  type Answer,
  type Ask,
  COUNTED_MS,
  type CounterStore,
  INSTANCE_ALIVE_MS,
  type Joined,
  type JoinRequest,
  REFILL_MS,
} from './counter-store.ts';

const CONNECT_MS_MAX = 1_000;
/** Milliseconds after a failed attempt to connect until the next one. */
const RECONNECT_MS = 250;

/** Held while the tables are made: without it, instances that start together would fail. */
export const TABLES_LOCK = 7_400_002;

/** Unlogged: what counts for a minute is not worth a write to the log. A crash of the server empties them, with the epoch. */
const TABLES = `
begin;
select pg_advisory_xact_lock(${TABLES_LOCK});
create unlogged table if not exists counter_epoch (
  only_row boolean primary key default true check (only_row),
  id text not null, since bigint not null, is_suspect boolean not null);
create unlogged table if not exists counter_instances (id text primary key, seen_at bigint not null);
create unlogged table if not exists minute_counters (
  key_id text collate "C" primary key, epoch text not null,
  latest bigint[] not null, costs int[] not null, ask bigint[], counted bigint[])
  with (fillfactor = 50);
commit`;

const clockOf = (parameter: string) =>
  `select coalesce(${parameter}::bigint, (extract(epoch from clock_timestamp()) * 1000)::bigint) as now`;

/** $1 now or null, $2 instance, $3 its epoch or null, $4 whether the clock was set, $5 a new epoch. */
const JOIN = `
with clock as materialized (${clockOf('$1')}),
epoch as (
  insert into counter_epoch as old (id, since, is_suspect) select $5, now, false from clock
  on conflict (only_row) do update set
    id = case when $4 and old.id = $3 then excluded.id else old.id end,
    since = case when $4 and old.id = $3 then excluded.since else old.since end,
    is_suspect = old.is_suspect or coalesce($4 or old.id <> $3, false)
  returning id, since, is_suspect, id = $5 and $3 is not null as is_lost
), seen as (
  insert into counter_instances (id, seen_at) select $2, now from clock
  on conflict (id) do update set seen_at = excluded.seen_at
)
select now, id as epoch, is_lost and not is_suspect as is_lost,
    case when is_suspect then greatest(0, since + ${REFILL_MS} - now) else 0 end as refill_ms,
    (select count(*) + 1 from counter_instances where id <> $2 and seen_at >= now - ${INSTANCE_ALIVE_MS}) as instances
  from clock, epoch`;

/** An instance that knew another epoch has found the table empty. */
const SUSPECT = 'update counter_epoch set is_suspect = true where id = $1';

/**
 * $1 now or null, $2 the epoch of the instance, then a list for each field of the asks. The rows are locked in the order of
 * the asks, which is that of the key ids. \`ask\` passes an ask to the row that exists; \`counted\` has its answer.
 */
const COUNT = `
with clock as materialized (${clockOf('$1')}),
epoch as materialized (select (select id from counter_epoch) as id),
counted as (
  insert into minute_counters as old (key_id, epoch, latest, costs, ask, counted)
  select a.key_id, $2,
      case when n.taken > 0 then array[now] else '{}' end, case when n.taken > 0 then array[n.taken] else '{}' end,
      array[a.max, a.cost, a.count, a.added, a.returned, a.returned_at, now],
      array[n.admitted, n.taken, case when n.taken > 0 then ${COUNTED_MS} else 0 end,
        case when n.taken + a.cost > a.max then ${COUNTED_MS} else 0 end]
    from epoch, clock, unnest($3::text[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[], $9::bigint[])
      as a (key_id, max, cost, count, added, returned, returned_at)
    cross join lateral (select greatest(0, least(a.count, (a.max - a.added) / greatest(1, a.cost))) as admitted) m
    cross join lateral (select m.admitted, a.added + m.admitted * a.cost as taken) n
    where epoch.id = $2
  on conflict (key_id) do update set (epoch, latest, costs, ask, counted) = (
    select $2, cells.latest, cells.costs, null::bigint[], array[n.admitted, kept.used + n.taken,
        coalesce(cells.latest[1] + ${COUNTED_MS} - a.now, 0),
        case when kept.used + n.taken + a.cost <= a.max then 0
          when a.cost > a.max then ${COUNTED_MS}
          else (select min(latest) filter (where kept.used + n.taken - gone + a.cost <= a.max) + ${COUNTED_MS} - a.now
            from (select latest, sum(cost) over (order by latest) as gone
              from unnest(cells.latest, cells.costs) as cell (latest, cost)) as passing) end]
      from (select excluded.ask[1] as max, excluded.ask[2] as cost, excluded.ask[3] as count, excluded.ask[4] as added,
        excluded.ask[5] as returned, excluded.ask[6] as returned_at, excluded.ask[7] as now) a
      cross join lateral (
        select coalesce(array_agg(latest order by latest), '{}') as latest,
            coalesce(array_agg(cost order by latest), '{}') as costs,
            coalesce(sum(cost), 0)::int as used, coalesce(max(latest), -1000) as newest
          from (select latest, case when latest / 1000 = a.returned_at / 1000
                then greatest(0, cost - a.returned)::int else cost end as cost
              from unnest(old.latest, old.costs) as cell (latest, cost)
              where old.epoch = $2 and latest > a.now - ${COUNTED_MS}) as counting
          where cost > 0) kept
      cross join lateral (
        select greatest(0, least(a.count, (a.max - kept.used - a.added) / greatest(1, a.cost)))::int as admitted) m
      cross join lateral (
        select m.admitted, (a.added + m.admitted * a.cost)::int as taken, greatest(a.now, kept.newest) as at,
          cardinality(kept.latest) as size, greatest(a.now, kept.newest) / 1000 = kept.newest / 1000 as is_same) n
      cross join lateral (
        select case when n.taken = 0 then kept.latest
              when n.is_same then kept.latest[:n.size - 1] || n.at
              else kept.latest || n.at end as latest,
            case when n.taken = 0 then kept.costs
              when n.is_same then kept.costs[:n.size - 1] || (kept.costs[n.size] + n.taken)
              else kept.costs || n.taken end as costs) cells)
  returning key_id, old.counted
)
select clock.now, epoch.id as epoch, key_id, counted[1] as admitted, counted[2] as used,
    counted[3] as reset_ms, counted[4] as wait_ms
  from clock cross join epoch left join counted on true`;

/** Counters and instances that are not used now. Rows in use are skipped, so that no batch waits. */
const SWEEP = `
with clock as materialized (${clockOf('$1')}),
instances as (delete from counter_instances using clock where seen_at < now - ${INSTANCE_ALIVE_MS})
delete from minute_counters where key_id in (
  select key_id from minute_counters, clock
    where cardinality(latest) = 0 or latest[cardinality(latest)] < now - ${COUNTED_MS}
    for update of minute_counters skip locked)`;

interface JoinedRow {
  readonly now: number;
  readonly epoch: string;
  readonly refill_ms: number;
  readonly instances: number;
  readonly is_lost: boolean;
}

interface CountedRow {
  readonly now: number;
  readonly epoch: string | null;
  readonly key_id: string | null;
  readonly admitted: number;
  readonly used: number;
  readonly reset_ms: number;
  readonly wait_ms: number;
}

/**
 * Counters in PostgreSQL: one statement for each batch, over one connection of its own, also through a pooler in transaction
 * mode. Makes its tables when it connects.
 */
export class PostgresCounterStore implements CounterStore {
  readonly description: string;
  readonly system = 'postgresql';
  readonly #url: string;
  readonly #now: () => number | null;
  /** Also while it connects and makes the tables. */
  #client: pg.Client | null = null;
  /** Resolves when the tables are there. */
  #connected: Promise<pg.Client> | null = null;
  #failedAt = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  /** `now` replaces the clock of the server in tests. */
  constructor(url: string, now: () => number | null = () => null) {
    const { host, port, database } = new pg.Client({ connectionString: url });
    this.description = `PostgreSQL at ${host}:${port}, database ${database}`;
    this.#url = url;
    this.#now = now;
  }

  async join({ instance, epoch: known, isClockSet }: JoinRequest): Promise<Joined> {
    const rows = await this.#run<JoinedRow>(JOIN, [this.#now(), instance, known, isClockSet, nanoid(8)]);
    const [row] = rows;
    if (!row) throw new Error('the counter store has no epoch');
    const { now, epoch, instances, refill_ms, is_lost } = row;
    if (!is_lost) return { now, epoch, instances, refillMs: refill_ms };
    await this.#run(SUSPECT, [epoch]);
    return { now, epoch, instances, refillMs: REFILL_MS };
  }

  async count(epoch: string, asks: readonly Ask[]): Promise<Answer> {
    const sorted = asks.toSorted((one, other) => (one.keyId < other.keyId ? -1 : 1));
    const rows = await this.#run<CountedRow>(COUNT, [
      this.#now(),
      epoch,
      sorted.map(({ keyId }) => keyId),
      sorted.map(({ limit }) => limit),
      sorted.map(({ cost }) => cost),
      sorted.map(({ count }) => count),
      sorted.map(({ added }) => added),
      sorted.map(({ returned }) => returned),
      sorted.map(({ returnedAt }) => returnedAt),
    ]);
    const byKey = new Map(rows.map((row) => [row.key_id, row]));
    const counted = asks.flatMap(({ keyId }) => {
      const row = byKey.get(keyId);
      if (!row) return [];
      return { admitted: row.admitted, used: row.used, resetMs: row.reset_ms, waitMs: row.wait_ms };
    });
    return { now: rows[0]?.now ?? 0, epoch: rows[0]?.epoch ?? null, counted };
  }

  async leave(instance: string): Promise<void> {
    await this.#run('delete from counter_instances where id = $1', [instance]);
  }

  async sweep(): Promise<void> {
    await this.#run(SWEEP, [this.#now()]);
  }

  reconnect(): void {
    if (this.#client) this.#drop(this.#client);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.reconnect();
  }

  async #run<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
    const client = await this.#connect();
    return (await client.query({ text, values: [...values] })).rows;
  }

  /** Rejects at once within `RECONNECT_MS` of a failure. */
  #connect(): Promise<pg.Client> {
    if (this.#connected) return this.#connected;
    if (this.#isClosed || performance.now() - this.#failedAt < RECONNECT_MS)
      return Promise.reject(new Error(`${this.description} is not connected`));
    this.#connected = this.#open();
    return this.#connected;
  }

  async #open(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: 'latchkey counters',
      connectionTimeoutMillis: CONNECT_MS_MAX,
      keepAlive: true,
      // A message does not wait for the answer of the one before.
      pipeline: true,
      types: { getTypeParser },
    } as pg.ClientConfig);
    this.#client = client;
    client.on('error', () => this.#drop(client));
    client.on('end', () => this.#drop(client));
    try {
      await client.connect();
      await client.query(TABLES);
      return client;
    } catch (error) {
      this.#failedAt = performance.now();
      this.#drop(client);
      throw error;
    }
  }

  #drop(client: pg.Client): void {
    if (this.#client === client) {
      this.#client = null;
      this.#connected = null;
    }
    // Not `end`, which waits for the answers that do not come.
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }
}

const INT8 = 20;

const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text');
