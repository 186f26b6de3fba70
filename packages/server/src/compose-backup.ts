import { existsSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Config } from './config/config.ts';
import { type Peppers, peppersIn, readPeppers, replacePeppers, textOf } from './config/pepper-file.ts';
import { type ChangesSince, changesSince } from './domain/audit/changes-since.ts';
import { verifyAuditExport } from './domain/audit/verify-audit-export.ts';
import { revokeKey } from './domain/keys/revoke-key.ts';
import { operator } from './domain/shared/caller.ts';
import { systemClock } from './domain/shared/clock.ts';
import { Keyring } from './domain/shared/keyring.ts';
import { OperatorError } from './domain/shared/operator-error.ts';
import { withStorage } from './local-storage.ts';
import { BackupFolder } from './storage/backup/backup-folder.ts';
import { fileTimeOf } from './storage/backup/files.ts';
import { StagedBackup } from './storage/backup/staged-backup.ts';
import { type Backup, writeBackup } from './storage/backup/write-backup.ts';
import { engineFor } from './storage/engines/registry.ts';

/** From this age on, the newest daily backup is late. */
const LATE_MS = 2 * 86_400_000;

export interface BackupRequest {
  readonly file: string;
  /** Replace the file where it exists. */
  readonly force?: boolean;
  readonly includePepper?: boolean;
  readonly onProgress?: (part: number) => void;
}

export interface RestoreRequest {
  readonly file: string;
  /** Restore even if a database exists; the existing one is moved aside. */
  readonly force?: boolean;
  /** A newer export of the audit log of one workspace, to find the keys that were revoked after the backup. */
  readonly auditExport?: string;
  /** Revoke those keys again. */
  readonly revokeAgain?: boolean;
}

export interface Restored {
  readonly database: string;
  /** Null if the file is a plain copy of a database, which has no time of its making. */
  readonly madeAt: number | null;
  readonly contents: StagedBackup['contents'];
  /** Was it restored from the backup, was it in place already, or is it still missing? */
  readonly pepper: 'restored' | 'in place' | 'missing';
  /** The new paths of the files that were replaced. */
  readonly moved: readonly string[];
  /** The changes after the backup; null without an export of the audit log. */
  readonly since: Since | null;
}

interface Since {
  readonly workspaceId: string;
  readonly entries: number;
  /** Keys that were revoked after the backup was made, and are not revoked in it. */
  readonly keys: readonly string[];
  readonly isRevokedAgain: boolean;
}

/** Writes a backup of the database to a file, also while a service runs. Throws OperatorError; then nothing is written. */
export async function backUp(
  config: Config,
  { includePepper = false, ...request }: BackupRequest,
): Promise<Backup> {
  const { databaseUrl, pepperFile } = config;
  if (resolve(request.file) === pepperFile) throw new OperatorError(`${pepperFile} is the pepper file`);
  engineFor(databaseUrl).requireFile(databaseUrl);
  const peppers = includePepper || existsSync(pepperFile) ? readPeppers(pepperFile) : null;
  return writeBackup({
    ...request,
    databaseUrl,
    pepper: includePepper && peppers ? textOf(peppers).trim() : null,
    keyring: peppers && Keyring.of(peppers),
    clock: systemClock,
  });
}

/**
 * The folder of the daily backups, which do not contain the pepper; null if it is not set. OperatorError if it is set, and
 * the database cannot be copied into it.
 */
export function backupFolder(
  { backupDir, databaseUrl }: Config,
  keyring: Keyring | null,
): BackupFolder | null {
  if (backupDir === null) return null;
  engineFor(databaseUrl).requireFile(databaseUrl);
  return new BackupFolder(backupDir, { databaseUrl, keyring, clock: systemClock });
}

/** What `doctor` reports about the daily backups: empty if the newest is less than two days old, or none are set up. */
export function backupFindings(config: Config) {
  try {
    const message = lateBackup(config);
    return message === null ? [] : [{ check: 'backups', status: 'warning', message } as const];
  } catch (error) {
    return [{ check: 'backups', status: 'failed', message: (error as Error).message } as const];
  }
}

/** Null if the newest daily backup is less than two days old, or none are set up. */
function lateBackup(config: Config): string | null {
  const { backupDir } = config;
  const folder = backupFolder(config, null);
  if (folder === null) return null;
  const newest = folder.newestAt();
  if (newest !== null && systemClock.now() - newest < LATE_MS) return null;
  const found =
    newest === null
      ? `there is none in ${backupDir}`
      : `the newest in ${backupDir} is of ${new Date(newest).toISOString()}`;
  return `${found}. A running service makes one every day: look for "back up" in its log`;
}

/**
 * Replaces the database with a backup, after the whole backup was checked. Throws OperatorError if that is not possible,
 * and DatabaseInUse while a service uses the database; then nothing is changed.
 */
export async function restore(config: Config, request: RestoreRequest): Promise<Restored> {
  const { databaseUrl } = config;
  const engine = engineFor(databaseUrl);
  const database = engine.requireFile(databaseUrl);
  if (!existsSync(request.file)) throw new OperatorError(`there is no file ${request.file}`);
  if (!request.force && (await engine.exists(databaseUrl)))
    throw new OperatorError(
      `there is a database at ${database} already; nothing was changed. Add --force to move it aside`,
    );
  const lock = await engine.lock(databaseUrl);
  let restored: Restored;
  try {
    restored = await replaceDatabase(config, request, database);
  } finally {
    lock.release();
    removeIfEmpty(database);
  }
  if (!request.revokeAgain || !restored.since) return restored;
  await revokeAgain(config, restored.since);
  return { ...restored, since: { ...restored.since, isRevokedAgain: true } };
}

async function replaceDatabase(
  config: Config,
  { file, force = false, auditExport, revokeAgain = false }: RestoreRequest,
  database: string,
): Promise<Restored> {
  const suffix = `replaced-${fileTimeOf(systemClock.now())}`;
  const staged = await StagedBackup.from(file, database);
  try {
    const { stamp, contents } = staged;
    const pepper = pepperFor(staged, config, file, force);
    if (revokeAgain && pepper === 'missing')
      throw new OperatorError(
        `keys can only be revoked again with the pepper: put it at ${config.pepperFile} first. Nothing was changed`,
      );
    const since = auditExport === undefined ? null : await changesAfterBackup(staged, auditExport);
    const moved = [
      pepper === 'restored' ? replacePeppers(config.pepperFile, ownPeppers(staged), suffix) : null,
      await staged.install(suffix),
    ].filter((path) => path !== null);
    return { database, madeAt: stamp?.madeAt ?? null, contents, pepper, moved, since };
  } finally {
    await staged.discard();
  }
}

/** Throws if the existing pepper is not that of the backup, unless the backup contains its pepper and `force` is set. */
function pepperFor(
  { pepperId, stamp }: StagedBackup,
  { pepperFile }: Config,
  file: string,
  force: boolean,
): Restored['pepper'] {
  const hasOwn = typeof stamp?.pepper === 'string';
  if (!existsSync(pepperFile)) return hasOwn ? 'restored' : 'missing';
  const { pepperIds } = Keyring.of(readPeppers(pepperFile));
  if (pepperIds.includes(pepperId)) return 'in place';
  if (hasOwn && force) return 'restored';
  const advice = hasOwn
    ? 'Add --force to replace it by the one in the backup'
    : 'Put the pepper of the backup there';
  throw new OperatorError(
    `${file} was made with another pepper (${pepperId}) than ${pepperFile} has (${pepperIds.join(', ')}), with which none of its keys verifies. ${advice}. Nothing was changed`,
  );
}

/** The peppers that the backup holds. */
function ownPeppers({ stamp, pepperId }: StagedBackup): Peppers {
  const peppers = peppersIn(stamp?.pepper ?? '');
  if (peppers && Keyring.of(peppers).pepperIds.includes(pepperId)) return peppers;
  throw new OperatorError('the pepper in the backup is not that of its database. Nothing was changed');
}

/** Throws if the export is not intact, or does not continue the audit log of the backup. */
async function changesAfterBackup(staged: StagedBackup, path: string): Promise<Since> {
  const verdict = await verifyAuditExport(await linesOf(path));
  if (!verdict.isIntact)
    throw new OperatorError(
      `${path} is not an intact export of the audit log: see \`latchkey audit verify ${path}\`. Nothing was changed`,
    );
  const { workspaceId } = verdict.head;
  const head = await staged.auditHead(workspaceId);
  const isKnown = head.sequence > 0;
  if (!isKnown || !(await verifyAuditExport(await linesOf(path), head)).isIntact)
    throw new OperatorError(
      `${path} does not continue the audit log of the backup, which ends with entry ${head.sequence} of ${workspaceId}: it is older, of another service, or begins later. Nothing was changed`,
    );
  const { entries, revokedKeys }: ChangesSince = await changesSince(await linesOf(path), head.sequence);
  const keys = await staged.unrevoked(workspaceId, revokedKeys);
  return { workspaceId, entries, keys, isRevokedAgain: false };
}

async function linesOf(path: string): Promise<AsyncIterable<string>> {
  return (await open(path)).readLines();
}

/** Acts as the operator, on behalf of an owner of the workspace. */
async function revokeAgain(config: Config, { workspaceId, keys }: Since): Promise<void> {
  await withStorage(config, async (storage) => {
    const [owner] = await storage.members.listOwners(workspaceId);
    if (owner?.status !== 'active')
      throw new OperatorError(`${workspaceId} has no active owner; its keys were not revoked again`);
    const caller = operator(storage.catalogue, { workspaceId, userId: owner.id }, 'latchkey restore');
    const needs = {
      unitOfWork: storage,
      clock: systemClock,
      signInWays: { hasProvider: false, hasMail: false },
    };
    // Forced, although it may revoke the last key that manages keys: `latchkey recover` makes a new one.
    for (const id of keys) await revokeKey(needs, caller, id, { reason: REVOKED_AGAIN, force: true });
  });
}

const REVOKED_AGAIN = 'Revoked again after a restore';

/** Locking creates an empty file if there was no database. */
function removeIfEmpty(database: string): void {
  if (statSync(database, { throwIfNoEntry: false })?.size === 0) rmSync(database);
}
