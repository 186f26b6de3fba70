import { Kysely, sql } from 'kysely';
import pg from 'pg';
import { OperatorError } from '../../../domain/shared/operator-error.ts';
import type { Tables } from '../../tables.ts';
import { type Database, DatabaseInUse } from '../engine.ts';
import { overConnection } from '../over-connection.ts';
import { POLL_START, PostgresChangeLog } from './change-log.ts';
import { postgresDialect, type Read } from './dialect.ts';
import { openProblem, serverOf } from './errors.ts';
import { PostgresPeers } from './peers.ts';
import { PostgresPools } from './pools.ts';
import { PostgresStandby } from './standby.ts';
import { PostgresTransactions } from './transactions.ts';

/** As `Engine.exists`. */
export async function exists(url: string): Promise<boolean> {
  const { answer } = await ask<boolean>(url, "select to_regclass('installation') is not null as answer");
  return answer;
}

/**
 * As `Engine.requireNoService`: a service polls for changes ten times a second. A connection that a pooler keeps after the
 * service has stopped has an older poll.
 */
export async function requireNoService(url: string): Promise<void> {
  const { answer } = await ask<number>(
    url,
    `select count(*)::int as answer from pg_stat_activity where query like '${POLL_START}%' and pid <> pg_backend_pid()
      and datname = current_database() and query_start > clock_timestamp() - interval '2 s'`,
  );
  if (answer === 0) return;
  throw new DatabaseInUse(
    `a service is running over ${serverOf(url)}. Stop all of its instances first, and repeat this two seconds later`,
  );
}

/** Runs one statement, which answers with one row, on a connection that is not one of a service. */
async function ask<T>(url: string, statement: string): Promise<{ answer: T }> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ answer: T }>(statement);
    return rows[0] as { answer: T };
  } catch (error) {
    throw openProblem(url, error);
  } finally {
    await client.end().catch(() => {});
  }
}

/** As `Engine.open`. */
export async function open(url: string, standbyUrl: string | null = null): Promise<Database> {
  const pools = new PostgresPools(url, () => changeLog.onLost());
  const over = (purpose: 'reads' | 'lookups') =>
    postgresDialect(pools, (sql, parameters) => pools.query(purpose, sql, parameters));
  const reading = (read: Read) => new Kysely<Tables>({ dialect: postgresDialect(pools, read) });
  const dialect = over('reads');
  const db = new Kysely<Tables>({ dialect });
  const changeLog = new PostgresChangeLog(pools, db);
  try {
    await requireVersion(db);
  } catch (error) {
    await pools.close();
    throw openProblem(url, error);
  }
  const standby = standbyUrl === null ? null : new PostgresStandby(standbyUrl, pools);
  const transactions = new PostgresTransactions(pools, (unit) => overConnection(db, dialect, unit));
  return {
    system: 'postgresql',
    dialect,
    db,
    lookups: new Kysely<Tables>({ dialect: over('lookups') }),
    lists: standby ? reading(standby.read) : db,
    forExport: () => (standby ? reading(standby.onOneServer()) : db),
    standby,
    transact: (work) => transactions.run(work),
    snapshot: (work) =>
      db.transaction().execute(async (reading) => {
        await sql`set transaction isolation level repeatable read, read only`.execute(reading);
        return work(reading);
      }),
    migrating: (work) =>
      db.transaction().execute(async (lock) => {
        await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(lock);
        return work();
      }),
    hasCommittedWithin: (ms) => transactions.hasCommittedWithin(ms),
    async touch() {
      await transactions.run((db) => sql`update installation set id = id`.execute(db));
    },
    // Lost connections are replaced by new ones.
    lost: new Promise(() => {}),
    changeLog,
    peers: new PostgresPeers(db),
    connections: () => [...pools.uses(), ...(standby?.uses() ?? [])],
    findDamage: () => findDamage(db),
    // The server writes its own checkpoints.
    checkpoint: async () => {},
    async close() {
      await standby?.close();
      await pools.close();
    },
  };
}

/** Of a transaction, since a pooler gives the session to others. Only migrations take it. */
const MIGRATION_LOCK = 7_400_001;

const VERSION_MIN = 130_000;

async function requireVersion(db: Kysely<Tables>): Promise<void> {
  const version = sql<{ version: number; name: string }>`
    select current_setting('server_version_num')::int as version, current_setting('server_version') as name`;
  const [found] = (await version.execute(db)).rows;
  if (found && found.version < VERSION_MIN)
    throw new OperatorError(`PostgreSQL 13 or later is needed; the server is ${found.name}`);
}

/** The server checks its pages itself; what it cannot check are constraints and indexes that were left unfinished. */
async function findDamage(db: Kysely<Tables>): Promise<string[]> {
  const { rows } = await sql<{ damage: string }>`
    select 'the constraint ' || conname || ' of ' || conrelid::regclass || ' was not validated' as damage
      from pg_constraint where not convalidated and connamespace = current_schema()::regnamespace
    union all
    select 'the index ' || indexrelid::regclass || ' is not valid' from pg_index
      join pg_class on pg_class.oid = indexrelid
      where not indisvalid and relnamespace = current_schema()::regnamespace`.execute(db);
  return rows.map(({ damage }) => damage);
}
