import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseInUse } from '../engine.ts';
import { loadDriver } from './connection.mjs';
import { BUSY, resultCode } from './executor.ts';

/**
 * Makes the file where it does not exist, with its folder, and keeps every other process out until the function returned
 * is called; DatabaseInUse where another one was first. The lock is an exclusive transaction on a file of its own, held as
 * long as the process lives: the system lets go of it even when the process is killed, and the database itself stays
 * readable for backups.
 */
export async function lockFile(path: string): Promise<() => void> {
  const { DatabaseSync } = await loadDriver();
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  const lock = new DatabaseSync(`${path}.lock`);
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    chmodSync(`${path}.lock`, 0o600);
  } catch (error) {
    lock.close();
    if (resultCode(error) !== BUSY) throw error;
    throw new DatabaseInUse(
      `another process is using ${path}. Stop it first: one process serves one database file`,
    );
  }
  return () => {
    if (lock.isOpen) lock.close();
  };
}
