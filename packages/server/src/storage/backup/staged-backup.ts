import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import type { Anchor } from '../../domain/audit/chain.ts';
import { AppError } from '../../domain/shared/app-error.ts';
import { OperatorError } from '../../domain/shared/operator-error.ts';
import type { Database } from '../engines/engine.ts';
import { engineFor } from '../engines/registry.ts';
import { headFileOf } from '../head-file.ts';
import { hasColumn, requireKnownSchema } from '../migrations/migrate.ts';
import { inParts } from '../statements/batch-query.ts';
import { SqlAuditStore } from '../stores/sql-audit-store.ts';
import { type BackupStamp, readStamp, removeStamp } from './backup-stamp.ts';
import { type CopyContents, checkCopy } from './check-copy.ts';
import { makeDraft, removeDraft, sync, syncFolderOf } from './files.ts';

/** A checked copy of a backup, in the folder of the database that it will replace. */
export class StagedBackup {
  /** Null if the file is a database that was not written by a backup command. */
  readonly stamp: BackupStamp | null;
  readonly contents: CopyContents;
  /** The id of the pepper that it was made with. */
  readonly pepperId: string;
  readonly #copy: Database;
  readonly #draft: string;
  readonly #target: string;

  private constructor(copy: Database, draft: string, target: string, facts: Facts) {
    this.#copy = copy;
    this.#draft = draft;
    this.#target = target;
    this.stamp = facts.stamp;
    this.contents = facts.contents;
    this.pepperId = facts.pepperId;
  }

  /**
   * Does not change `file`. Throws OperatorError if it is not a backup or is damaged. The caller must hold the lock of the
   * database at `target`, and must call `discard` at the end.
   */
  static async from(file: string, target: string): Promise<StagedBackup> {
    if (!existsSync(file)) throw new OperatorError(`there is no file ${file}`);
    const draft = makeDraft(target);
    try {
      const engine = engineFor(`file:${target}`);
      await engine.copy(`file:${file}`, draft).catch((error: unknown) => {
        throw notABackup(file, error);
      });
      const copy = await engine.openCopy(draft);
      try {
        return new StagedBackup(copy, draft, target, await factsOf(copy, file));
      } catch (error) {
        await copy.close();
        throw error;
      }
    } catch (error) {
      removeDraft(draft);
      throw error;
    }
  }

  /** The end of the audit log of the workspace. */
  auditHead(workspaceId: string): Promise<Anchor> {
    return new SqlAuditStore(this.#copy.db).head(workspaceId);
  }

  /** Those of the keys that the backup has and that are not revoked in it. */
  async unrevoked(workspaceId: string, keyIds: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const ids of inParts(keyIds)) {
      const rows = await this.#copy.db
        .selectFrom('api_keys')
        .select('id')
        .where('workspace_id', '=', workspaceId)
        .where('id', 'in', ids)
        .where('revoked_at', 'is', null)
        .execute();
      found.push(...rows.map(({ id }) => id));
    }
    return found;
  }

  /**
   * Replaces the database. Its files are renamed to `<name>.<suffix>`, which is returned; null if there was no database. A
   * crash meanwhile leaves the old database, the new one, or a mix of both with which the service does not start; then
   * the restore must be repeated.
   */
  async install(suffix: string): Promise<string | null> {
    const { db } = this.#copy;
    await removeStamp(db);
    // The next start creates the head file. Without one, the database counts as up to date, as the restore confirmed.
    if (await hasColumn(db, 'installation', 'head_file_at'))
      await db.updateTable('installation').set({ head_file_at: null }).execute();
    await this.#copy.close();
    sync(this.#draft);
    const target = this.#target;
    const kept = `${target}.${suffix}`;
    const hadDatabase = statSync(target).size > 0;
    // The log first, since SQLite would write it into the new database.
    moveIfThere(`${target}-wal`, `${kept}-wal`);
    rmSync(`${target}-shm`, { force: true });
    if (hadDatabase) renameSync(target, kept);
    renameSync(this.#draft, target);
    moveIfThere(headFileOf(target), headFileOf(kept));
    syncFolderOf(target);
    return hadDatabase ? kept : null;
  }

  async discard(): Promise<void> {
    await this.#copy.close();
    removeDraft(this.#draft);
  }
}

interface Facts extends Pick<StagedBackup, 'stamp' | 'contents' | 'pepperId'> {}

async function factsOf(copy: Database, file: string): Promise<Facts> {
  const tables = await copy.db.introspection.getTables();
  if (!tables.some(({ name }) => name === 'installation')) throw notABackup(file, null);
  await requireKnownSchema(copy.db);
  const { pepper_id: pepperId } = await copy.db
    .selectFrom('installation')
    .select('pepper_id')
    .executeTakeFirstOrThrow();
  return { stamp: await readStamp(copy.db), contents: await checkCopy(copy, file), pepperId };
}

function notABackup(file: string, error: unknown): unknown {
  if (error instanceof AppError && error.code === 'STORAGE_FULL') return error;
  const cause = error instanceof AppError ? error.cause : error;
  const reason = cause instanceof Error ? ` (${cause.message})` : '';
  return new OperatorError(
    `${file} is not a backup of Latchkey, or it is damaged${reason}. Nothing was changed`,
  );
}

function moveIfThere(from: string, to: string): void {
  if (existsSync(from)) renameSync(from, to);
}
