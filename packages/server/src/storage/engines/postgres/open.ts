import { Kysely, sql } from 'kysely';
import pg from 'pg';
import { OperatorError } from '../../../domain/shared/operator-error.ts';
import type { Tables } from '../../tables.ts';
import type { Database } from '../engine.ts';
import { overConnection } from '../over-connection.ts';
import { PostgresChangeLog } from './change-log.ts';
import { postgresDialect } from './dialect.ts';
import { codeOf } from './errors.ts';
import { PostgresPools } from './pools.ts';
import { PostgresTransactions } from './transactions.ts';

/** As `Engine.exists`. */
export async function exists(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const { rows } = await client.query("select to_regclass('installation') is not null as is_ours");
    return rows[0].is_ours;
  } catch (error) {
    throw openProblem(url, error);
  } finally {
    await client.end().catch(() => {});
  }
}

/** As `Engine.open`. */
export async function open(url: string): Promise<Database> {
  const pools = new PostgresPools(url, () => changeLog.onLost());
  const dialect = postgresDialect(pools, 'reads');
  const db = new Kysely<Tables>({ dialect });
  const changeLog = new PostgresChangeLog(pools, db);
  try {
    await requireVersion(db);
  } catch (error) {
    await pools.close();
    throw openProblem(url, error);
  }
  const transactions = new PostgresTransactions(pools, (unit) => overConnection(db, dialect, unit));
  return {
    db,
    lookups: new Kysely<Tables>({ dialect: postgresDialect(pools, 'lookups') }),
    transact: (work) => transactions.run(work),
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
    findDamage: () => findDamage(db),
    // The server writes its own checkpoints.
    checkpoint: async () => {},
    close: () => pools.close(),
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

/** The error for the operator. It names the server, but not the password of the URL. */
function openProblem(url: string, error: unknown): unknown {
  if (error instanceof OperatorError) return error;
  const { host, port, database } = new pg.Client({ connectionString: url });
  const { message } = innermost(error);
  const advice =
    codeOf(innermost(error)) === '3D000' ? '. Create it first: Latchkey makes only its tables' : '';
  return new OperatorError(
    `the database ${database ?? ''} at ${host}:${port} cannot be opened: ${message}${advice}`,
  );
}

function innermost(error: unknown): Error {
  const { cause } = error as Error;
  return cause instanceof Error ? innermost(cause) : (error as Error);
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
