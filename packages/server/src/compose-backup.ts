import { existsSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Config } from './config.ts';
import { type ChangesSince, changesSince } from './domain/audit/changes-since.ts';
import { verifyAuditExport } from './domain/audit/verify-audit-export.ts';
import { revokeKey } from './domain/keys/revoke-key.ts';
import { systemClock } from './domain/shared/clock.ts';
import { Keyring } from './domain/shared/keyring.ts';
import { operator } from './domain/shared/operator.ts';
import { OperatorError } from './domain/shared/operator-error.ts';
import { withStorage } from './local-storage.ts';
import { readPepper, replacePepper } from './pepper-file.ts';
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
  /** Also where there is a database, which is moved aside. */
  readonly force?: boolean;
  /** A newer export of the audit log of one workspace: finds the keys that were revoked since. */
  readonly auditExport?: string;
  /** Revoke those keys again. */
  readonly revokeAgain?: boolean;
}

export interface Restored {
  readonly database: string;
  /** Null where the file does not say, because it is a plain copy of a database. */
  readonly madeAt: number | null;
  readonly contents: StagedBackup['contents'];
  /** Was it in the backup, is it in its place already, or still to be put there? */
  readonly pepper: 'restored' | 'in place' | 'missing';
  /** Where files that were replaced are now. */
  readonly moved: readonly string[];
  /** What came after the backup; null without an export of the audit log. */
  readonly since: Since | null;
}

interface Since {
  readonly workspaceId: string;
  readonly entries: number;
  /** Keys that were revoked after the backup was made, and in it are not. */
  readonly keys: readonly string[];
  readonly isRevokedAgain: boolean;
}

/** Writes a backup of the database to a file, whether a service uses it or not. OperatorError, and nothing written. */
export async function backUp(
  config: Config,
  { includePepper = false, ...request }: BackupRequest,
): Promise<Backup> {
  const { databaseUrl, pepperFile } = config;
  if (resolve(request.file) === pepperFile) throw new OperatorError(`${pepperFile} is the pepper file`);
  const pepper = includePepper || existsSync(pepperFile) ? readPepper(pepperFile) : null;
  return writeBackup({
    ...request,
    databaseUrl,
    pepper: includePepper && pepper ? Buffer.from(pepper).toString('base64url') : null,
    keyring: pepper && new Keyring(pepper),
    clock: systemClock,
  });
}

/** The daily backups of a service, without the pepper; null where there are none. */
export function backupFolder({ backupDir, databaseUrl }: Config, keyring: Keyring): BackupFolder | null {
  return backupDir === null
    ? null
    : new BackupFolder(backupDir, { databaseUrl, keyring, clock: systemClock });
}

/** What `doctor` says of the daily backups: nothing where they are as they should be, or there are none. */
export function backupFindings({ backupDir, databaseUrl }: Config) {
  if (backupDir === null) return [];
  const folder = new BackupFolder(backupDir, { databaseUrl, keyring: null, clock: systemClock });
  const newest = folder.newestAt();
  if (newest !== null && systemClock.now() - newest < LATE_MS) return [];
  const found =
    newest === null
      ? `there is none in ${backupDir}`
      : `the newest in ${backupDir} is of ${new Date(newest).toISOString()}`;
  const message = `${found}. A running service makes one every day: look for "back up" in its log`;
  return [{ check: 'backups', status: 'warning', message } as const];
}

/**
 * Puts a backup in the place of the database, after everything about it was checked. OperatorError, and nothing changed, where
 * it cannot; DatabaseInUse while a service has the database.
 */
export async function restore(config: Config, request: RestoreRequest): Promise<Restored> {
  const { databaseUrl } = config;
  const engine = engineFor(databaseUrl);
  const database = engine.fileOf(databaseUrl);
  if (database === null) throw new OperatorError('a database in memory cannot be restored');
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
    const since = auditExport === undefined ? null : await whatCameAfter(staged, auditExport);
    const moved = [
      pepper === 'restored' ? replacePepper(config.pepperFile, ownPepper(staged), suffix) : null,
      await staged.install(suffix),
    ].filter((path) => path !== null);
    return { database, madeAt: stamp?.madeAt ?? null, contents, pepper, moved, since };
  } finally {
    await staged.discard();
  }
}

/** Throws where the pepper in place is not that of the backup, unless the backup has its own and may replace it. */
function pepperFor(
  { pepperId, stamp }: StagedBackup,
  { pepperFile }: Config,
  file: string,
  force: boolean,
): Restored['pepper'] {
  const hasOwn = typeof stamp?.pepper === 'string';
  if (!existsSync(pepperFile)) return hasOwn ? 'restored' : 'missing';
  const inPlace = new Keyring(readPepper(pepperFile)).pepperId;
  if (inPlace === pepperId) return 'in place';
  if (hasOwn && force) return 'restored';
  const advice = hasOwn
    ? 'Add --force to replace it by the one in the backup'
    : 'Put the pepper of the backup there';
  throw new OperatorError(
    `${file} was made with another pepper (${pepperId}) than ${pepperFile} has (${inPlace}), with which none of its keys verifies. ${advice}. Nothing was changed`,
  );
}

/** The pepper that the backup holds. */
function ownPepper({ stamp, pepperId }: StagedBackup): Uint8Array {
  const pepper = Buffer.from(stamp?.pepper ?? '', 'base64url');
  if (new Keyring(pepper).pepperId === pepperId) return pepper;
  throw new OperatorError('the pepper in the backup is not that of its database. Nothing was changed');
}

/** Throws where the export is not intact, or does not go on where the backup ends. */
async function whatCameAfter(staged: StagedBackup, path: string): Promise<Since> {
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

/** As the operator, for an owner of the workspace. */
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
    // Forced: if no key can manage keys after it, `latchkey recover` is the way back.
    for (const id of keys) await revokeKey(needs, caller, id, { reason: REVOKED_AGAIN, force: true });
  });
}

const REVOKED_AGAIN = 'Revoked again after a restore';

/** Taking the lock makes the file. */
function removeIfEmpty(database: string): void {
  if (statSync(database, { throwIfNoEntry: false })?.size === 0) rmSync(database);
}
