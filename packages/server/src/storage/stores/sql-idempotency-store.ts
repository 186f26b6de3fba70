import type { Kysely } from 'kysely';
import type { IdempotencyStore, KeptOutcome } from '../../domain/shared/idempotent.ts';
import type { Tables } from '../tables.ts';

export class SqlIdempotencyStore implements IdempotencyStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async find(workspaceId: string, id: string, notBefore: number): Promise<KeptOutcome | null> {
    const row = await this.#db
      .selectFrom('replays')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .where('created_at', '>=', notBefore)
      .executeTakeFirst();
    if (!row) return null;
    const { subject_id: subjectId, fingerprint, sealed, created_at: createdAt } = row;
    return { id, workspaceId, subjectId, fingerprint, sealed, createdAt };
  }

  async put({ id, workspaceId, subjectId, fingerprint, sealed, createdAt }: KeptOutcome): Promise<void> {
    const content = { subject_id: subjectId, fingerprint, sealed, created_at: createdAt };
    await this.#db
      .insertInto('replays')
      .values({ id, workspace_id: workspaceId, ...content })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(content))
      .execute();
  }

  async purge(before: number): Promise<number> {
    const result = await this.#db.deleteFrom('replays').where('created_at', '<', before).executeTakeFirst();
    return Number(result.numDeletedRows);
  }
}
