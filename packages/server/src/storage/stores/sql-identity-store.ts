import type { Kysely } from 'kysely';
import type { IdentityLink, IdentityStore } from '../../domain/identity/identity.ts';
import type { Keyring, SealedField } from '../../domain/shared/keyring.ts';
import type { IdentityLinkRow, Tables } from '../tables.ts';

export class SqlIdentityStore implements IdentityStore {
  readonly #db: Kysely<Tables>;
  readonly #keyring: Keyring;

  constructor(db: Kysely<Tables>, keyring: Keyring) {
    this.#db = db;
    this.#keyring = keyring;
  }

  async find(issuer: string, subject: string): Promise<IdentityLink | null> {
    const rows = await this.#at(issuer).where('subject', '=', subject).execute();
    return this.#intact(rows)[0] ?? null;
  }

  async listOf(issuer: string, accountId: string): Promise<IdentityLink[]> {
    const rows = await this.#at(issuer)
      .where('account_id', '=', accountId)
      .orderBy('linked_at')
      .orderBy('subject')
      .execute();
    return this.#intact(rows);
  }

  async save({ issuer, subject, accountId, linkedAt }: IdentityLink): Promise<void> {
    const link = { issuer, subject, account_id: accountId, linked_at: linkedAt };
    const row = { ...link, seal: this.#keyring.sealRow('identity-link', identityAuthority(link)) };
    await this.#db
      .insertInto('identity_links')
      .values(row)
      .onConflict((conflict) => conflict.columns(['issuer', 'subject']).doUpdateSet(row))
      .execute();
  }

  #at(issuer: string) {
    return this.#db.selectFrom('identity_links').selectAll().where('issuer', '=', issuer);
  }

  #intact(rows: readonly IdentityLinkRow[]): IdentityLink[] {
    return rows.filter((row) => isIntactLink(this.#keyring, row)).map(fromRow);
  }
}

/** False if the row was edited outside the service. */
export function isIntactLink(keyring: Keyring, row: IdentityLinkRow): boolean {
  return keyring.isIntact(row.seal, 'identity-link', identityAuthority(row));
}

function fromRow(row: IdentityLinkRow): IdentityLink {
  return {
    issuer: row.issuer,
    subject: row.subject,
    accountId: row.account_id,
    linkedAt: row.linked_at,
  };
}

/** The sealed fields: they decide which account has the identity. */
export function identityAuthority(row: Omit<IdentityLinkRow, 'seal'>): SealedField[] {
  return [row.issuer, row.subject, row.account_id, row.linked_at];
}
