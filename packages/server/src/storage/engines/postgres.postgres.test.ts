import { BUILT_IN_CATALOGUE } from '@latchkey/contract';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe } from 'vitest';
import { createPostgresDatabase, type PostgresDatabase } from '../../../test/harness/postgres-database.ts';
import { Keyring } from '../../domain/shared/keyring.ts';
import { loadPermissionSets } from '../permission-sets/permission-sets.ts';
import { Storage } from '../storage.ts';
import { storageSuite } from '../suites/storage.suite.ts';
import type { Tables } from '../tables.ts';
import type { Database } from './engine.ts';
import { postgres } from './postgres.ts';

const keyring = new Keyring(Buffer.alloc(32, 3));

describe('on PostgreSQL', () => {
  let created: PostgresDatabase;
  let database: Database;
  let emptyTables: string;

  beforeAll(async () => {
    created = await createPostgresDatabase();
    database = await postgres.open(created.url);
    const tables = await database.db.introspection.getTables();
    // The migrations insert no rows.
    emptyTables = tables.map(({ name }) => `delete from ${name}`).join('; ');
  });
  afterAll(async () => {
    await database.close();
    await created.drop();
  });

  storageSuite(async () => {
    await deleteRows(database.db, emptyTables);
    const reopened = async (catalogue: typeof BUILT_IN_CATALOGUE) =>
      new Storage(database, keyring, await loadPermissionSets(database.db, catalogue));
    const storage = await reopened(BUILT_IN_CATALOGUE);
    return { storage, db: database.db, keyring, reopened, close: async () => {} };
  });
});

async function deleteRows(db: Kysely<Tables>, deletions: string): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    // Without the checks of references, which would need an order of the tables.
    await sql`set local session_replication_role = replica`.execute(transaction);
    await sql.raw(deletions).execute(transaction);
  });
}
