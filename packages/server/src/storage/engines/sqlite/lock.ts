import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseInUse } from '../engine.ts';
import { loadDriver } from './connection.mjs';
import { BUSY, resultCode } from './executor.ts';

export interface FileLock {
  /** The file that is locked. If it is removed, another process can open the database. */
  readonly path: string;
  release(): void;
}

/**
 * Creates the database file and its folder if they do not exist, and locks the database until `release`. Throws
 * DatabaseInUse if another process has the lock. The lock is an exclusive transaction on a separate file: the operating
 * system releases it even if the process is killed, and the database itself stays readable for backups.
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
