import type { Kysely } from 'kysely';
import type { MailCountStore } from '../../domain/shared/mail.ts';
import type { Tables } from '../tables.ts';

export class SqlMailCountStore implements MailCountStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async countAfter(workspaceId: string, instant: number): Promise<number> {
    const { count } = await this.#db
      .selectFrom('sent_mails')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('workspace_id', '=', workspaceId)
      .where('sent_at', '>', instant)
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  async add(workspaceId: string, now: number, keptAfter: number): Promise<void> {
    await this.#db
      .deleteFrom('sent_mails')
      .where('workspace_id', '=', workspaceId)
      .where('sent_at', '<=', keptAfter)
      .execute();
    await this.#db.insertInto('sent_mails').values({ workspace_id: workspaceId, sent_at: now }).execute();
  }
}
