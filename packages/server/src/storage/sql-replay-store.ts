import type { Kysely } from 'kysely';
import type { Replay, ReplayStore } from '../domain/keys/replay-store.ts';
import type { Tables } from './tables.ts';

export class SqlReplayStore implements ReplayStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async find(workspaceId: string, id: string, notBefore: number): Promise<Replay | null> {
    const row = await this.#db
      .selectFrom('replays')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .where('created_at', '>=', notBefore)
      .executeTakeFirst();
    if (!row) return null;
    const { key_id: keyId, fingerprint, sealed, created_at: createdAt } = row;
    return { id, workspaceId, keyId, fingerprint, sealed, createdAt };
  }

  async put({ id, workspaceId, keyId, fingerprint, sealed, createdAt }: Replay): Promise<void> {
    const content = { key_id: keyId, fingerprint, sealed, created_at: createdAt };
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
