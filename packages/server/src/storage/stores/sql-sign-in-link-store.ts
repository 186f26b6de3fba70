import type { Kysely } from 'kysely';
import type { SignInLink, SignInLinkStore } from '../../domain/sessions/sign-in-link.ts';
import type { Keyring, SealedField } from '../../domain/shared/keyring.ts';
import type { MailedLinkRow, SignInLinkRow, Tables } from '../tables.ts';
import { fromIssuerColumns, sealedIssuer, toIssuerColumns } from './issuer-columns.ts';

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

  async putMailed(link: SignInLink, digest: string): Promise<void> {
    const { id, workspace_id, user_id, created_at, expires_at } = this.#toRow(link, digest);
    const row = { digest, id, workspace_id, user_id, created_at, expires_at };
    const seal = this.#keyring.sealRow('mailed-link', mailedLinkAuthority(row));
    await this.#db
      .insertInto('mailed_links')
      .values({ ...row, seal })
      .execute();
  }

  async take(digest: string, now: number): Promise<SignInLink | null> {
    return (await this.#takeShown(digest, now)) ?? this.#takeMailed(digest, now);
  }

  async #takeShown(digest: string, now: number): Promise<SignInLink | null> {
    const row = await this.#db
      .deleteFrom('sign_in_links')
      .where('digest', '=', digest)
      .where('expires_at', '>', now)
      .returningAll()
      .executeTakeFirst();
    const isIntact = row && this.#keyring.isIntact(row.seal, 'sign-in-link', linkAuthority(row));
    return isIntact ? fromRow(row) : null;
  }

  async #takeMailed(digest: string, now: number): Promise<SignInLink | null> {
    const row = await this.#db
      .deleteFrom('mailed_links')
      .where('digest', '=', digest)
      .where('expires_at', '>', now)
      .returningAll()
      .executeTakeFirst();
    const isIntact = row && this.#keyring.isIntact(row.seal, 'mailed-link', mailedLinkAuthority(row));
    return isIntact ? fromRow({ ...row, ...toIssuerColumns(null) }) : null;
  }

  async purge(before: number): Promise<number> {
    let purged = 0;
    for (const table of ['sign_in_links', 'mailed_links'] as const) {
      const { numDeletedRows } = await this.#db
        .deleteFrom(table)
        .where('expires_at', '<', before)
        .executeTakeFirst();
      purged += Number(numDeletedRows);
    }
    return purged;
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
    return { ...row, seal: this.#keyring.sealRow('sign-in-link', linkAuthority(row)) };
  }
}

function fromRow(row: Omit<SignInLinkRow, 'seal'>): SignInLink {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    userId: row.user_id,
    issuer: fromIssuerColumns(row),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

/** The sealed fields: they decide who can sign in, by which token and until when. */
export function linkAuthority(row: Omit<SignInLinkRow, 'seal'>): SealedField[] {
  const { id, workspace_id, user_id, key_id, digest, created_at, expires_at } = row;
  return [id, workspace_id, user_id, key_id, digest, created_at, expires_at, ...sealedIssuer(row)];
}

export function mailedLinkAuthority(row: Omit<MailedLinkRow, 'seal'>): SealedField[] {
  return [row.id, row.workspace_id, row.user_id, row.digest, row.created_at, row.expires_at];
}
