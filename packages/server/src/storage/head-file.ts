import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Kysely } from 'kysely';
import type { Anchor } from '../domain/audit/chain.ts';
import type { Keyring } from '../domain/shared/keyring.ts';
import { OperatorError } from '../domain/shared/operator-error.ts';
import { hasColumn } from './migrations/migrate.ts';
import type { Tables } from './tables.ts';

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

const HOW_TO_GO_ON =
  'Put the right file in its place, or restore a backup with `latchkey restore`. To go on with this database, start once with `latchkey serve --accept-older-data`. Nothing was changed';

/**
 * Throws OperatorError if the database does not contain the last acknowledged change, or if its head file is missing, since
 * revoked keys could be valid again. Works with any version of the schema, and changes nothing.
 */
export async function requireAcknowledged(db: Kysely<Tables>, file: string, head: Head): Promise<void> {
  const path = headFileOf(file);
  if (head === 'unreadable' || head === null) return;
  if (head === 'missing') {
    if (!(await hasHadHeadFile(db))) return;
    throw new OperatorError(
      `${file} was copied here without ${path}, which contains the last acknowledged change: keys that were created later may be missing, and keys that were revoked later may be valid again. ${HOW_TO_GO_ON}`,
    );
  }
  if (await hasEntry(db, head)) return;
  throw new OperatorError(
    `${file} is older than the last change that the service acknowledged, or belongs to another service: entry ${head.sequence} of the audit log of ${head.workspaceId} is not in it, so keys that were revoked later would be valid again. ${HOW_TO_GO_ON}`,
  );
}

/** Opens the head file of a database. Creates it if it is missing or unreadable; replaces it with `acceptOlder`. */
export async function openHeadFile(
  db: Kysely<Tables>,
  file: string,
  keyring: Keyring,
  { now, acceptOlder }: { readonly now: number; readonly acceptOlder: boolean },
): Promise<HeadFile> {
  const path = headFileOf(file);
  const head = readHeadFile(path, keyring);
  const isMissing = head === 'missing' || head === 'unreadable';
  if (isMissing || acceptOlder) {
    // The file first, so that `head_file_at` is never set without a file, even after a crash.
    HeadFile.make(path, keyring, await newestEntry(db));
    await db.updateTable('installation').set({ head_file_at: now }).execute();
  }
  return HeadFile.open(path, keyring);
}

/** The entry with the latest time, of all workspaces; null if there is none. Reads every entry. */
export async function newestEntry(db: Kysely<Tables>): Promise<(Anchor & { createdAt: number }) | null> {
  const row = await db
    .selectFrom('audit_entries')
    .select(['workspace_id as workspaceId', 'sequence', 'hash', 'created_at as createdAt'])
    .orderBy('created_at', 'desc')
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** Does the log contain the entry, or has retention removed it? */
async function hasEntry(db: Kysely<Tables>, { workspaceId, sequence, hash }: Anchor): Promise<boolean> {
  if (!(await hasColumn(db, 'audit_entries', 'hash'))) return false;
  const [entry, checkpoint] = await Promise.all([
    db
      .selectFrom('audit_entries')
      .select(['sequence', 'hash'])
      .where('workspace_id', '=', workspaceId)
      .where('sequence', '=', sequence)
      .executeTakeFirst(),
    db
      .selectFrom('audit_checkpoints')
      .select(['sequence', 'hash'])
      .where('workspace_id', '=', workspaceId)
      .executeTakeFirst(),
  ]);
  if (entry) return entry.hash === hash;
  if (!checkpoint) return false;
  return checkpoint.sequence === sequence ? checkpoint.hash === hash : checkpoint.sequence > sequence;
}

async function hasHadHeadFile(db: Kysely<Tables>): Promise<boolean> {
  if (!(await hasColumn(db, 'installation', 'head_file_at'))) return false;
  const row = await db.selectFrom('installation').select('head_file_at').executeTakeFirst();
  return row !== undefined && row.head_file_at !== null;
}
