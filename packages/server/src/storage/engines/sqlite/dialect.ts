import { type Dialect, type Driver, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
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
