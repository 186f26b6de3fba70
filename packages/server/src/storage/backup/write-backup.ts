import { existsSync, renameSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Clock } from '../../domain/shared/clock.ts';
import type { Keyring } from '../../domain/shared/keyring.ts';
import { OperatorError } from '../../domain/shared/operator-error.ts';
import type { Engine } from '../engines/engine.ts';
import { engineFor } from '../engines/registry.ts';
import { headFileOf, readHeadFile, requireAcknowledged } from '../head-file.ts';
import { writeStamp } from './backup-stamp.ts';
import { type CopyContents, checkCopy } from './check-copy.ts';
import { makeDraft, removeDraft, sync, syncFolderOf } from './files.ts';

export interface BackupOrder {
  readonly databaseUrl: string;
  readonly file: string;
  /** Replace the file if it exists. */
  readonly force?: boolean;
  /** The pepper to include, as in its file; null: left out. */
  readonly pepper?: string | null;
  /** If given, the copy must contain the change that was last acknowledged before it began. */
  readonly keyring: Keyring | null;
  readonly clock: Clock;
  /** Called with the progress of the copy, from 0 to 1. */
  readonly onProgress?: (part: number) => void;
}

export interface Backup extends CopyContents {
  readonly file: string;
  readonly bytes: number;
  readonly madeAt: number;
  readonly hasPepper: boolean;
}

/**
 * Writes all changes acknowledged so far to one file, which gets its name only after it was checked and synced. Works while
 * a service uses the database, and does not block it. Throws OperatorError and writes nothing if the file exists already,
 * there is no database, or the copy is damaged.
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
  const source = engine.requireFile(url);
  if (await engine.exists(url)) return resolve(source);
  throw new OperatorError(`there is no database at ${source} to back up`);
}

/** Also denied with `force`, since it would overwrite the database. */
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
