import type { Kysely } from 'kysely';
import type { IdentityLink } from '../domain/identity/identity.ts';
import type { IdentityStore } from '../domain/identity/identity-store.ts';
import type { IdentityLinkRow, Tables } from './tables.ts';

export class SqlIdentityStore implements IdentityStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async find(issuer: string, subject: string): Promise<IdentityLink | null> {
    const row = await this.#at(issuer).where('subject', '=', subject).executeTakeFirst();
    return row ? fromRow(row) : null;
  }

  async listOf(issuer: string, userId: string): Promise<IdentityLink[]> {
    const rows = await this.#at(issuer)
      .where('user_id', '=', userId)
      .orderBy('linked_at')
      .orderBy('subject')
      .execute();
    return rows.map(fromRow);
  }

  async save({ issuer, subject, userId, linkedAt }: IdentityLink): Promise<void> {
    const whose = { user_id: userId, linked_at: linkedAt };
    await this.#db
      .insertInto('identity_links')
      .values({ issuer, subject, ...whose })
      .onConflict((conflict) => conflict.columns(['issuer', 'subject']).doUpdateSet(whose))
      .execute();
  }

  #at(issuer: string) {
    return this.#db.selectFrom('identity_links').selectAll().where('issuer', '=', issuer);
  }
}

function fromRow(row: IdentityLinkRow): IdentityLink {
  return { issuer: row.issuer, subject: row.subject, userId: row.user_id, linkedAt: row.linked_at };
}
