import { BUILT_IN_CATALOGUE, type Catalogue } from '@latchkey/contract';
import { openMigrated } from '../../../test/harness/migrated-database.ts';
import { Keyring } from '../../domain/shared/keyring.ts';
import { loadPermissionSets } from '../permission-sets/permission-sets.ts';
import { Storage } from '../storage.ts';
import type { SuiteDatabase } from './suite-database.ts';

/** Opens a new database with the current schema, by default in memory. */
export async function openSuiteDatabase(url?: string): Promise<SuiteDatabase> {
  const keyring = new Keyring(Buffer.alloc(32, 3));
  const database = await openMigrated(url);
  const reopened = async (catalogue: Catalogue) =>
    new Storage(database, keyring, await loadPermissionSets(database.db, catalogue));
  const storage = await reopened(BUILT_IN_CATALOGUE);
  return { storage, db: database.db, keyring, reopened, close: () => database.close() };
}
