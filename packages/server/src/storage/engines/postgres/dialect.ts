import {
  ColumnDefinitionNode,
  type DatabaseConnection,
  type DataTypeNode,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import type { PostgresPools } from './pools.ts';
import { PostgresSession } from './session.ts';

/** Kysely's PostgreSQL dialect over our pools. `select` statements use the pool of the name `reads`. */
export function postgresDialect(pools: PostgresPools, reads: 'reads' | 'lookups'): Dialect {
  return {
    createAdapter: () => new UnlockedAdapter(),
    createDriver: () => driverOver(pools, reads),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PortableTypes(),
  };
}

/** Without Kysely's lock of migrations, which is one of a session: `Database.migrating` has one that a pooler keeps. */
class UnlockedAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

/**
 * Gives columns the types of SQLite: texts are compared by their bytes, whatever the language of the database is, and
 * integers have 64 bits.
 */
class PortableTypes extends PostgresQueryCompiler {
  protected override visitDataType(node: DataTypeNode): void {
    const { dataType } = node;
    const isOfColumn = this.parentNode !== undefined && ColumnDefinitionNode.is(this.parentNode);
    if (isOfColumn && dataType === 'text') this.append('text collate "C"');
    else if (isOfColumn && dataType === 'integer') this.append('bigint');
    else super.visitDataType(node);
  }
}

function driverOver(pools: PostgresPools, reads: 'reads' | 'lookups'): Driver {
  return {
    init: async () => {},
    acquireConnection: async (): Promise<DatabaseConnection> => new PostgresSession(pools, reads),
    beginTransaction: (session) => (session as PostgresSession).begin(),
    commitTransaction: (session) => (session as PostgresSession).commit(),
    rollbackTransaction: (session) => (session as PostgresSession).rollback(),
    releaseConnection: async () => {},
    // The engine closes the pools.
    destroy: async () => {},
  };
}
