import { existsSync, renameSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Clock } from '../../domain/shared/clock.ts';
import type { Keyring } from '../../domain/shared/keyring.ts';
import { OperatorError } from '../../domain/shared/operator-error.ts';
import { requireAcknowledged } from '../acknowledged.ts';
import type { Engine } from '../engines/engine.ts';
import { engineFor } from '../engines/registry.ts';
import { headFileOf, readHeadFile } from '../head-file.ts';
import { writeStamp } from './backup-stamp.ts';
import { type CopyContents, checkCopy } from './check-copy.ts';
import { makeDraft, removeDraft, sync, syncFolderOf } from './files.ts';

export interface BackupOrder {
  readonly databaseUrl: string;
  readonly file: string;
  /** Replace the file where it exists. */
  readonly force?: boolean;
  /** To be included, in base64url; null: left out. */
  readonly pepper?: string | null;
  /** With it, the copy is held against what was acknowledged before it was begun. */
  readonly keyring: Keyring | null;
  readonly clock: Clock;
  /** The part of the copying that is done, up to 1. */
  readonly onProgress?: (part: number) => void;
}

export interface Backup extends CopyContents {
  readonly file: string;
  readonly bytes: number;
  readonly madeAt: number;
  readonly hasPepper: boolean;
}

/**
 * Writes all that was acknowledged before into one file, which appears under its name only once it was checked and is on the
 * disk. Works on a database in use and does not hold up its service. OperatorError, and nothing written, where the file
 * exists already, there is no database, or the copy is not sound.
 */
export async function writeBackup(order: BackupOrder): Promise<Backup> {
  const { databaseUrl, pepper = null, clock } = order;
  const file = resolve(order.file);
  const engine = engineFor(databaseUrl);
  const source = await sourceOf(engine, databaseUrl);
  requireOtherFile(file, source);
  requireFree(file, order.force);
  const acknowledged = order.keyring && readHeadFile(headFileOf(source), order.keyring);
  const madeAt = clock.now();
  const draft = makeDraft(file);
  try {
    await engine.copy(databaseUrl, draft, order.onProgress);
    const copy = await engine.openCopy(draft);
    try {
      await requireAcknowledged(copy.db, source, acknowledged);
      const contents = await checkCopy(copy, file);
      await writeStamp(copy.db, { madeAt, pepper });
      await copy.close();
      const bytes = statSync(draft).size;
      sync(draft);
      requireFree(file, order.force);
      renameSync(draft, file);
      syncFolderOf(file);
      return { file, bytes, madeAt, hasPepper: pepper !== null, ...contents };
    } finally {
      await copy.close();
    }
  } finally {
    removeDraft(draft);
  }
}

async function sourceOf(engine: Engine, url: string): Promise<string> {
  const source = engine.fileOf(url);
  if (source !== null && (await engine.exists(url))) return resolve(source);
  throw new OperatorError(`there is no database at ${source ?? url} to back up`);
}

/** Not even with force. */
function requireOtherFile(file: string, database: string): void {
  if (file !== database && !file.startsWith(`${database}-`) && !file.startsWith(`${database}.`)) return;
  throw new OperatorError(
    `${file} is a file of the database itself. Name another file, best in a folder on another disk`,
  );
}

function requireFree(file: string, force = false): void {
  if (force || !existsSync(file)) return;
  throw new OperatorError(`${file} exists already; nothing was written. Add --force to replace it`);
}
