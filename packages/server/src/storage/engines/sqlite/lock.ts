import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseInUse } from '../engine.ts';
import { loadDriver } from './connection.mjs';
import { BUSY, resultCode } from './executor.ts';

export interface FileLock {
  /** The file that is locked. Without it another process is not kept out any more. */
  readonly path: string;
  release(): void;
}

/**
 * Makes the file where it does not exist, with its folder, and keeps every other process out until the lock is released;
 * DatabaseInUse where another one was first. The lock is an exclusive transaction on a file of its own, held as
 * long as the process lives: the system lets go of it even when the process is killed, and the database itself stays
 * readable for backups.
 */
export async function lockFile(database: string): Promise<FileLock> {
  const { DatabaseSync } = await loadDriver();
  mkdirSync(dirname(database), { recursive: true, mode: 0o700 });
  if (!existsSync(database)) closeSync(openSync(database, 'a', 0o600));
  const path = `${database}.lock`;
  const lock = new DatabaseSync(path);
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    chmodSync(path, 0o600);
  } catch (error) {
    lock.close();
    if (resultCode(error) !== BUSY) throw error;
    throw new DatabaseInUse(
      `another process is using ${database}. Stop it first: one process serves one database file`,
    );
  }
  return {
    path,
    release() {
      if (lock.isOpen) lock.close();
    },
  };
}
