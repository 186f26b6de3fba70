import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Anchor } from '../domain/audit/chain.ts';
import type { Keyring } from '../domain/shared/keyring.ts';

/** One disk sector, which is written atomically. */
const BYTES = 512;
const KIND = 'head-file';

/**
 * The content of a head file: the last acknowledged entry of the audit log; null: there was none yet. `missing`: the file
 * does not exist. `unreadable`: the file is incomplete or was not written by this service.
 */
export type Head = Anchor | null | 'missing' | 'unreadable';

/** The path of the head file of a database file. */
export function headFileOf(database: string): string {
  return `${database}.head`;
}

export function readHeadFile(path: string, keyring: Keyring): Head {
  try {
    const { last, seal }: { last: Anchor | null; seal: string } = JSON.parse(readFileSync(path, 'utf8'));
    return keyring.isIntact(seal, KIND, fieldsOf(last)) ? last : 'unreadable';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'missing' : 'unreadable';
  }
}

/**
 * The file next to a database that contains the last acknowledged entry of the audit log, so that a start with an older
 * copy of the database is detected. An entry must be noted after its commit is synced, so that even after a crash the file
 * never names an entry that is not in the database. The file is written by `flush` and synced by `close`, so it may lag.
 */
export class HeadFile {
  readonly #file: FileHandle;
  readonly #keyring: Keyring;
  #noted: Anchor | null = null;

  private constructor(file: FileHandle, keyring: Keyring) {
    this.#file = file;
    this.#keyring = keyring;
  }

  /** Creates or replaces the file, and syncs it. */
  static make(path: string, keyring: Keyring, last: Anchor | null): void {
    const draft = `${path}.new`;
    writeFileSync(draft, recordOf(last, keyring), { mode: 0o600, flush: true });
    renameSync(draft, path);
    syncFolderOf(path);
  }

  /** Opens an existing file. If the file is replaced later, the new file is not changed. */
  static async open(path: string, keyring: Keyring): Promise<HeadFile> {
    return new HeadFile(await open(path, 'r+'), keyring);
  }

  /** To be called with each entry in the order of their commits. Does not write. */
  note(entry: Anchor): void {
    this.#noted = entry;
  }

  /** Writes the entry that was noted last, if there is a new one. */
  async flush(): Promise<void> {
    const noted = this.#noted;
    if (noted === null) return;
    this.#noted = null;
    await this.#file.write(recordOf(noted, this.#keyring), 0, BYTES, 0);
  }

  async close(): Promise<void> {
    try {
      await this.flush();
      await this.#file.sync();
    } finally {
      await this.#file.close();
    }
  }
}

function recordOf(last: Anchor | null, keyring: Keyring): Buffer {
  const place = last && { workspaceId: last.workspaceId, sequence: last.sequence, hash: last.hash };
  const seal = keyring.sealRow(KIND, fieldsOf(place));
  return Buffer.from(`${JSON.stringify({ last: place, seal }).padEnd(BYTES - 1)}\n`);
}

function fieldsOf(last: Anchor | null) {
  return last ? [last.workspaceId, last.sequence, last.hash] : [null];
}

function syncFolderOf(path: string): void {
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
