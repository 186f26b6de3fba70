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

/** Kysely's SQLite over connections that answer later. */
export function sqliteDialect(connections: Connections): Dialect {
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => driverOver(connections),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/**
 * Kysely over this one connection, of the same engine as `db`. Unlike Kysely's own transactions it does not hold back a
 * statement until the one before is answered.
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

/** A schema is changed in one transaction, as a whole or not at all, and synced once. */
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
    // Closing is the engine's: it knows in which order.
    destroy: async () => {},
  };
}

async function refuse(): Promise<never> {
  throw new Error('there is no transaction in a transaction');
}

/** Of what has its connection already. */
const NO_DRIVER: Driver = {
  init: async () => {},
  acquireConnection: refuse,
  beginTransaction: refuse,
  commitTransaction: refuse,
  rollbackTransaction: refuse,
  releaseConnection: async () => {},
  destroy: async () => {},
};
