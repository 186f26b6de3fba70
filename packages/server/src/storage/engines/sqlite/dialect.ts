import { type Dialect, type Driver, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { type Connections, SqliteSession } from './session.ts';

/** Kysely's SQLite over connections that answer later. */
export function sqliteDialect(connections: Connections): Dialect {
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => driverOver(connections),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
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
    savepoint: async (session: SqliteSession, name) => session.hold(`savepoint "${name}"`),
    rollbackToSavepoint: async (session: SqliteSession, name) => session.hold(`rollback to "${name}"`),
    releaseSavepoint: async (session: SqliteSession, name) => session.hold(`release "${name}"`),
    releaseConnection: async (session: SqliteSession) => session.end(),
    // Closing is the engine's: it knows in which order.
    destroy: async () => {},
  };
}
