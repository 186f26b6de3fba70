import type { Kysely } from 'kysely';
import type { SignInLink } from '../domain/sessions/sign-in-link.ts';
import type { SignInLinkStore } from '../domain/sessions/sign-in-link-store.ts';
import type { Keyring, SealedField } from '../domain/shared/keyring.ts';
import { fromIssuerColumns, sealedIssuer, toIssuerColumns } from './issuer-columns.ts';
import type { SignInLinkRow, Tables } from './tables.ts';

export class SqlSignInLinkStore implements SignInLinkStore {
  readonly #db: Kysely<Tables>;
  readonly #keyring: Keyring;

  constructor(db: Kysely<Tables>, keyring: Keyring) {
    this.#db = db;
    this.#keyring = keyring;
  }

  async put(link: SignInLink, digest: string): Promise<SignInLink | null> {
    const row = this.#toRow(link, digest);
    const replaced = await this.#db
      .selectFrom('sign_in_links')
      .selectAll()
      .where('workspace_id', '=', link.workspaceId)
      .where('user_id', '=', link.userId)
      .executeTakeFirst();
    await this.#db
      .insertInto('sign_in_links')
      .values(row)
      .onConflict((conflict) => conflict.columns(['workspace_id', 'user_id']).doUpdateSet(row))
      .execute();
    return replaced ? fromRow(replaced) : null;
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
      ...toIssuerColumns(link.issuer),
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
    issuer: fromIssuerColumns(row),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

/** What decides who is let in, by which token and until when. */
function authorityOf(row: Omit<SignInLinkRow, 'seal'>): SealedField[] {
  const { id, workspace_id, user_id, key_id, digest, created_at, expires_at } = row;
  return [id, workspace_id, user_id, key_id, digest, created_at, expires_at, ...sealedIssuer(row)];
}
