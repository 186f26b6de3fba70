import { BUILT_IN_CATALOGUE, type Catalogue } from '@latchkey/contract';
import { Keyring } from '../../domain/shared/keyring.ts';
import { engineFor } from '../engines/registry.ts';
import { migrate } from '../migrations/migrate.ts';
import { loadPermissionSets } from '../permission-sets/permission-sets.ts';
import { Storage } from '../storage.ts';
import type { SuiteDatabase } from './suite-database.ts';

/** Opens and migrates the database of the URL, by default a new one in memory. */
export async function openSuiteDatabase(url = 'file::memory:'): Promise<SuiteDatabase> {
  const keyring = new Keyring(Buffer.alloc(32, 3));
  const database = await engineFor(url).open(url);
  await migrate(database.db, keyring);
  const reopened = async (catalogue: Catalogue) =>
    new Storage(database, keyring, await loadPermissionSets(database.db, catalogue));
  const storage = await reopened(BUILT_IN_CATALOGUE);
  return { storage, db: database.db, keyring, reopened, close: () => database.close() };
}
