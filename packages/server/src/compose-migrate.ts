import { rmSync } from 'node:fs';
import type { Config } from './config/config.ts';
import { readPeppers } from './config/pepper-file.ts';
import { Keyring } from './domain/shared/keyring.ts';
import { NotInitialised, OperatorError } from './domain/shared/operator-error.ts';
import type { Database } from './storage/engines/engine.ts';
import { engineFor } from './storage/engines/registry.ts';
import { schemaStateOf } from './storage/migrations/migrate.ts';
import { type CopiedRows, checksumOfAll, copyRows, type OnCopyProgress } from './storage/move/copy-rows.ts';
import { openMigrated } from './storage/open-storage.ts';
import { requireOwnPepper } from './storage/pepper/pepper-binding.ts';

export interface MigrateRequest {
  /** Do not copy a database file before its schema is migrated. */
  readonly withoutCopy?: boolean;
}

export interface MigratedSchema {
  /** The names of the migrations that were run; empty if the schema was that of this version. */
  readonly migrations: readonly string[];
  /** The copy of the database file from before; null if none was made. */
  readonly copy: string | null;
}

export interface CopyRequest extends MigrateRequest {
  /** The URL of an empty database, which may be missing if it is a file. */
  readonly to: string;
  readonly onProgress?: OnCopyProgress;
}

/** A database that was copied to another one. */
export interface Copied extends MigratedSchema {
  readonly rows: number;
  /** Includes revoked keys. */
  readonly keys: number;
  readonly auditEntries: number;
  /** SHA-256 over all rows, the same on both sides. */
  readonly checksum: string;
  readonly tables: readonly CopiedRows[];
}

/** The migrations that `migrateSchema` would run. Throws OperatorError. */
export async function pendingMigrations(config: Config): Promise<readonly string[]> {
  await requireDatabase(config);
  const database = await engineFor(config.databaseUrl).open(config.databaseUrl);
  try {
    return (await schemaStateOf(database.db)).pending;
  } finally {
    await database.close();
  }
}

/**
 * Migrates the schema of the database to this version, as the start of a service does. Throws OperatorError, and
 * DatabaseInUse if a service is running over a database file.
 */
export async function migrateSchema(
  config: Config,
  { withoutCopy = false }: MigrateRequest = {},
): Promise<MigratedSchema> {
  const { database, ...migrated } = await openSource(config, withoutCopy);
  await database.close();
  return migrated;
}

/**
 * Copies the database to an empty one of any engine, in one transaction, and checks the copy: see `copyRows`. Migrates the
 * schema of both first. Throws OperatorError, and DatabaseInUse if a service is running over the database; then the other
 * database is still empty.
 */
export async function copyTo(
  config: Config,
  { to, withoutCopy = false, onProgress = () => {} }: CopyRequest,
): Promise<Copied> {
  const { databaseUrl } = config;
  if (to === databaseUrl) throw new OperatorError('the database to copy to is the database itself');
  await engineFor(databaseUrl).requireNoService(databaseUrl);
  const { database: source, ...migrated } = await openSource(config, withoutCopy);
  try {
    return { ...migrated, ...summaryOf(await copyInto(config, source, { to, onProgress })) };
  } finally {
    await source.close();
  }
}

/** Removes the file of a new database if the copy fails. */
async function copyInto(
  config: Config,
  source: Database,
  { to, onProgress }: Required<Pick<CopyRequest, 'to' | 'onProgress'>>,
): Promise<readonly CopiedRows[]> {
  const { databaseUrl } = config;
  const engine = engineFor(to);
  const newFile = (await engine.exists(to)) ? null : engine.fileOf(to);
  const { database: target } = await openMigrated(to, keyringOf(config));
  // A service that was started meanwhile may have changed what was copied. A file is locked by `source`.
  const beforeCommit = async () => {
    if (source.changeLog) await engineFor(databaseUrl).requireNoService(databaseUrl);
  };
  try {
    const copied = await copyRows({ source, target, onProgress, beforeCommit });
    await target.close();
    return copied;
  } catch (error) {
    await target.close();
    if (newFile !== null)
      for (const suffix of ['', '-wal', '-shm', '.lock']) rmSync(newFile + suffix, { force: true });
    throw error;
  }
}

async function openSource(config: Config, withoutCopy: boolean) {
  await requireDatabase(config);
  const keyring = keyringOf(config);
  const opened = await openMigrated(config.databaseUrl, keyring, { withoutCopy });
  try {
    await requireOwnPepper(opened.database.db, keyring);
    return opened;
  } catch (error) {
    await opened.database.close();
    throw error;
  }
}

async function requireDatabase({ databaseUrl, dataDir }: Config): Promise<void> {
  if (await engineFor(databaseUrl).exists(databaseUrl)) return;
  throw new NotInitialised(
    `there is no database of a service: set DATABASE_URL to it, or LATCHKEY_DATA_DIR (now ${dataDir}) to its folder`,
  );
}

function keyringOf({ pepperFile }: Config): Keyring {
  return Keyring.of(readPeppers(pepperFile));
}

function summaryOf(tables: readonly CopiedRows[]): Omit<Copied, keyof MigratedSchema> {
  const rowsOf = (name: string) => tables.find(({ table }) => table === name)?.rows ?? 0;
  return {
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    keys: rowsOf('api_keys'),
    auditEntries: rowsOf('audit_entries'),
    checksum: checksumOfAll(tables),
    tables,
  };
}
