import {
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Tables } from '../../tables.ts';
import type { Connections } from './connections.ts';
import { SqliteSession } from './session.ts';

/** Kysely's SQLite dialect over asynchronous connections. */
export function sqliteDialect(connections: Connections): Dialect {
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => driverOver(connections),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/**
 * Kysely over this one connection, of the same engine as `db`. Unlike Kysely's own transactions, it issues a statement
 * before the previous one has returned.
 */
export function overConnection(
  db: Kysely<Tables>,
  dialect: Dialect,
  connection: DatabaseConnection,
): Kysely<Tables> {
  const executor = db
    .getExecutor()
    .withConnectionProvider({ provideConnection: (consumer) => consumer(connection) });
  return new Kysely<Tables>({ config: { dialect }, driver: NO_DRIVER, executor, dialect });
}

/** Runs schema changes in a transaction, so that a failed migration changes nothing and there is one sync. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function driverOver(connections: Connections): Driver {
  return {
    init: async () => {},
    acquireConnection: async () => new SqliteSession(connections),
    beginTransaction: (session: SqliteSession) => session.begin(),
    commitTransaction: (session: SqliteSession) => session.commit(),
    rollbackTransaction: (session: SqliteSession) => session.rollback(),
    releaseConnection: async () => {},
    // The engine closes the connections, since their order matters.
    destroy: async () => {},
  };
}

async function nested(): Promise<never> {
  throw new Error('transactions cannot be nested');
}

/** The driver of a `Kysely` that has its connection already. */
const NO_DRIVER: Driver = {
  init: async () => {},
  acquireConnection: nested,
  beginTransaction: nested,
  commitTransaction: nested,
  rollbackTransaction: nested,
  releaseConnection: async () => {},
  destroy: async () => {},
};
