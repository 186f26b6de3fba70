import type { Kysely } from 'kysely';
import type { Keyring, SealedField } from '../../domain/shared/keyring.ts';
import type { Account, AccountStore } from '../../domain/tenancy/account.ts';
import { foldText } from '../statements/text-search.ts';
import type { AccountAddressTable, Tables } from '../tables.ts';
import { isIntactLink } from './sql-identity-store.ts';

export class SqlAccountStore implements AccountStore {
  readonly #db: Kysely<Tables>;
  readonly #keyring: Keyring;

  constructor(db: Kysely<Tables>, keyring: Keyring) {
    this.#db = db;
    this.#keyring = keyring;
  }

  async insert({ id, defaultWorkspaceId, createdAt }: Account): Promise<void> {
    await this.#db
      .insertInto('accounts')
      .values({ id, default_workspace_id: defaultWorkspaceId, created_at: createdAt })
      .execute();
  }

  async find(accountId: string): Promise<Account | null> {
    const row = await this.#db
      .selectFrom('accounts')
      .selectAll()
      .where('id', '=', accountId)
      .executeTakeFirst();
    return row
      ? { id: row.id, defaultWorkspaceId: row.default_workspace_id, createdAt: row.created_at }
      : null;
  }

  async findByAddress(email: string): Promise<Account | null> {
    const row = await this.#addresses().where('email_folded', '=', foldText(email)).executeTakeFirst();
    return row && this.#isIntact(row) ? this.find(row.account_id) : null;
  }

  async addressesOf(accountId: string): Promise<string[]> {
    const rows = await this.#addresses()
      .where('account_id', '=', accountId)
      .orderBy('email_folded')
      .execute();
    return rows.filter((row) => this.#isIntact(row)).map((row) => row.email_folded);
  }

  async proveAddress(accountId: string, email: string, provenAt: number): Promise<void> {
    const proof = { email_folded: foldText(email), account_id: accountId, proven_at: provenAt };
    const row = { ...proof, seal: this.#keyring.sealRow('account-address', addressAuthority(proof)) };
    await this.#db
      .insertInto('account_addresses')
      .values(row)
      .onConflict((conflict) => conflict.column('email_folded').doUpdateSet(row))
      .execute();
  }

  async hasIdentity(accountId: string): Promise<boolean> {
    const links = this.#db.selectFrom('identity_links').selectAll();
    const rows = await links.where('account_id', '=', accountId).execute();
    return rows.some((row) => isIntactLink(this.#keyring, row));
  }

  async setDefault(accountId: string, workspaceId: string): Promise<void> {
    await this.#db
      .updateTable('accounts')
      .set({ default_workspace_id: workspaceId })
      .where('id', '=', accountId)
      .execute();
  }

  async decline(accountId: string, userId: string, declinedAt: number): Promise<void> {
    await this.#db
      .insertInto('declined_offers')
      .values({ account_id: accountId, user_id: userId, declined_at: declinedAt })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async declinedBy(accountId: string): Promise<ReadonlySet<string>> {
    const rows = await this.#db
      .selectFrom('declined_offers')
      .select('user_id')
      .where('account_id', '=', accountId)
      .execute();
    return new Set(rows.map((row) => row.user_id));
  }

  #addresses() {
    return this.#db.selectFrom('account_addresses').selectAll();
  }

  #isIntact(row: AccountAddressTable): boolean {
    return this.#keyring.isIntact(row.seal, 'account-address', addressAuthority(row));
  }
}

/** The sealed fields: they decide which account has the address. */
export function addressAuthority(row: Omit<AccountAddressTable, 'seal'>): SealedField[] {
  return [row.email_folded, row.account_id, row.proven_at];
}
