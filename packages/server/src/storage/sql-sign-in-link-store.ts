import type { Kysely } from 'kysely';
import type { SignInLink } from '../domain/sessions/sign-in-link.ts';
import type { SignInLinkStore } from '../domain/sessions/sign-in-link-store.ts';
import type { Keyring, SealedField } from '../domain/shared/keyring.ts';
import type { SignInLinkRow, Tables } from './tables.ts';

export class SqlSignInLinkStore implements SignInLinkStore {
  readonly #db: Kysely<Tables>;
  readonly #keyring: Keyring;

  constructor(db: Kysely<Tables>, keyring: Keyring) {
    this.#db = db;
    this.#keyring = keyring;
  }

  async put(link: SignInLink, digest: string): Promise<void> {
    const row = this.#toRow(link, digest);
    await this.#db
      .insertInto('sign_in_links')
      .values(row)
      .onConflict((conflict) => conflict.columns(['workspace_id', 'user_id']).doUpdateSet(row))
      .execute();
  }

  async take(digest: string, now: number): Promise<SignInLink | null> {
    const row = await this.#db
      .deleteFrom('sign_in_links')
      .where('digest', '=', digest)
      .where('expires_at', '>', now)
      .returningAll()
      .executeTakeFirst();
    const isIntact = row && this.#keyring.isIntact(row.seal, 'sign-in-link', authorityOf(row));
    return isIntact ? fromRow(row) : null;
  }

  async purge(before: number): Promise<number> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('sign_in_links')
      .where('expires_at', '<', before)
      .executeTakeFirst();
    return Number(numDeletedRows);
  }

  #toRow(link: SignInLink, digest: string): SignInLinkRow {
    const row = {
      id: link.id,
      workspace_id: link.workspaceId,
      user_id: link.userId,
      key_id: link.keyId,
      digest,
      created_at: link.createdAt,
      expires_at: link.expiresAt,
    };
    return { ...row, seal: this.#keyring.sealRow('sign-in-link', authorityOf(row)) };
  }
}

function fromRow(row: SignInLinkRow): SignInLink {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    userId: row.user_id,
    keyId: row.key_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

/** What decides who is let in, by which token and until when. */
function authorityOf(row: Omit<SignInLinkRow, 'seal'>): SealedField[] {
  return [row.id, row.workspace_id, row.user_id, row.key_id, row.digest, row.created_at, row.expires_at];
}
