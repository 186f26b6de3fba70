import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Anchor } from '../domain/audit/chain.ts';
import type { Keyring } from '../domain/shared/keyring.ts';

/** One sector of a disk, which is written whole or not at all. */
const BYTES = 512;
const KIND = 'head-file';

/**
 * What a head file says: the last entry of the audit log that was acknowledged; null: there was none yet. `missing`: there is
 * no such file. `unreadable`: it was not written by this service, or not whole, and says nothing.
 */
export type Head = Anchor | null | 'missing' | 'unreadable';

/** Where the head file of a database file is. */
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
 * Keeps beside a database which entry of the audit log was acknowledged last, so that an older copy of the database is noticed.
 * An entry is noted after its commit is on the disk: whatever a crash takes, the file never names an entry that the database
 * does not have. It is written at most as often as `flush` is called and synced only at the end, so it may lag behind.
 */
export class HeadFile {
  readonly #file: FileHandle;
  readonly #keyring: Keyring;
  #noted: Anchor | null = null;

  private constructor(file: FileHandle, keyring: Keyring) {
    this.#file = file;
    this.#keyring = keyring;
  }

  /** Makes the file, or replaces what it says; it is on the disk when this returns. */
  static make(path: string, keyring: Keyring, last: Anchor | null): void {
    const draft = `${path}.new`;
    writeFileSync(draft, recordOf(last, keyring), { mode: 0o600, flush: true });
    renameSync(draft, path);
    syncFolderOf(path);
  }

  /** Opens a file that exists. Should another file take its place, that one is left alone. */
  static async open(path: string, keyring: Keyring): Promise<HeadFile> {
    return new HeadFile(await open(path, 'r+'), keyring);
  }

  /** To be called with each entry in the order of their commits. Costs next to nothing. */
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
