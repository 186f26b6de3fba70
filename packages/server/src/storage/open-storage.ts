import { existsSync, renameSync } from 'node:fs';
import type { Catalogue } from '@latchkey/contract';
import type { Clock } from '../domain/shared/clock.ts';
import type { Keyring } from '../domain/shared/keyring.ts';
import type { Tracer } from '../domain/shared/telemetry.ts';
import { makeDraft, removeDraft, sync, syncFolderOf } from './backup/files.ts';
import type { Database } from './engines/engine.ts';
import { engineFor } from './engines/registry.ts';
import { tracedDatabase } from './engines/traced-database.ts';
import { headFileOf, openHeadFile, readHeadFile, requireAcknowledged } from './head-file.ts';
import { migrate, requireKnownSchema, schemaStateOf } from './migrations/migrate.ts';
import { bindNewest, bindPepper } from './pepper/pepper-binding.ts';
import { loadPermissionSets } from './permission-sets/permission-sets.ts';
import { Storage } from './storage.ts';

export interface Migrated {
  readonly database: Database;
  /** The names of the migrations that were run. */
  readonly migrations: readonly string[];
  /** The copy of the database file from before the migrations; null if none was made. */
  readonly copy: string | null;
}

/**
 * Opens the database of the URL and migrates its schema. Before a database file that has rows is migrated, it is copied to
 * `<file>.before-<last migration>`, unless `withoutCopy`. Throws OperatorError if it lacks the last acknowledged change, unless
 * `acceptOlder`, or was written by a newer build; then it leaves nothing open.
 */
export async function openMigrated(
  url: string,
  keyring: Keyring,
  {
    acceptOlder = false,
    withoutCopy = false,
    standbyUrl = null,
  }: { acceptOlder?: boolean; withoutCopy?: boolean; standbyUrl?: string | null } = {},
): Promise<Migrated> {
  const engine = engineFor(url);
  const file = engine.fileOf(url);
  const database = await engine.open(url, standbyUrl);
  try {
    const { db } = database;
    if (file !== null && !acceptOlder)
      await requireAcknowledged(db, file, readHeadFile(headFileOf(file), keyring));
    await requireKnownSchema(db);
    const copy = file === null || withoutCopy ? null : await copyBefore(database, url, file);
    const migrations = await database.migrating(() => migrate(db, keyring));
    return { database, migrations, copy };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/**
 * Opens the database of the URL, migrates its schema, and checks that it belongs to the pepper and, unless `acceptOlder`,
 * that it contains the last acknowledged change. Throws OperatorError otherwise, and then leaves nothing open.
 */
export async function openStorage(
  url: string,
  keyring: Keyring,
  clock: Clock,
  catalogue: Catalogue,
  {
    acceptOlder = false,
    leaseMs,
    standbyUrl = null,
    tracer = null,
  }: {
    acceptOlder?: boolean;
    leaseMs?: number;
    standbyUrl?: string | null;
    tracer?: Tracer | null;
  } = {},
): Promise<Storage> {
  const { database } = await openMigrated(url, keyring, { acceptOlder, standbyUrl });
  try {
    const { db } = database;
    const now = clock.now();
    await bindPepper(db, keyring, now);
    // Only this process uses the database, so that no other one could lack the newest pepper.
    const isReplaced = !database.changeLog && (await bindNewest(database, keyring, now));
    const sets = await loadPermissionSets(db, catalogue);
    const file = engineFor(url).fileOf(url);
    // Sealed again with the newest pepper; that it is not older has been checked.
    const renewed = { now, acceptOlder: acceptOlder || isReplaced };
    const headFile = file === null ? null : await openHeadFile(db, file, keyring, renewed);
    const traced = tracer ? tracedDatabase(database, tracer) : database;
    return new Storage(traced, keyring, sets, headFile, leaseMs);
  } catch (error) {
    await database.close();
    throw error;
  }
}

/**
 * Null if there is nothing to migrate, or the database is new. A copy that exists is kept: it was made before a migration
 * that was interrupted.
 */
async function copyBefore({ db }: Database, url: string, file: string): Promise<string | null> {
  const { applied, pending } = await schemaStateOf(db);
  const last = pending.at(-1);
  if (applied.length === 0 || last === undefined) return null;
  const copy = `${file}.before-${last}`;
  if (existsSync(copy)) return copy;
  const draft = makeDraft(file);
  try {
    await engineFor(url).copy(url, draft);
    sync(draft);
    renameSync(draft, copy);
    syncFolderOf(copy);
    return copy;
  } finally {
    removeDraft(draft);
  }
}
