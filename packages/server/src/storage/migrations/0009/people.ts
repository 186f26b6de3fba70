import type { Kysely } from 'kysely';
import type { Keyring } from '../../../domain/shared/keyring.ts';
import type { NewAccount, Person, Plan } from './plan.ts';
import type { After } from './tables.ts';

export async function createPeople(db: Kysely<unknown>): Promise<void> {
  await createAccounts(db);
  await createMailedLinks(db);
}

async function createAccounts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('accounts')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('default_workspace_id', 'text', (column) => column.references('workspaces.id'))
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('account_addresses')
    .addColumn('email_folded', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', (column) => column.notNull().references('accounts.id'))
    .addColumn('proven_at', 'bigint', (column) => column.notNull())
    .addColumn('seal', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('account_addresses_by_account_id')
    .on('account_addresses')
    .column('account_id')
    .execute();
  await db.schema
    .createTable('declined_offers')
    .addColumn('account_id', 'text', (column) => column.notNull().references('accounts.id'))
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('declined_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('declined_offers_pk', ['account_id', 'user_id'])
    .execute();
}

async function createMailedLinks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('mailed_links')
    .addColumn('digest', 'text', (column) => column.primaryKey())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('workspace_id', 'text', (column) => column.notNull().references('workspaces.id'))
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('seal', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('mailed_links_by_workspace_id_user_id')
    .on('mailed_links')
    .columns(['workspace_id', 'user_id'])
    .execute();
  await db.schema.createIndex('mailed_links_by_expires_at').on('mailed_links').column('expires_at').execute();
}

/** Replaces the rows of people and identities with those of the plan. */
export async function replaceUsers(db: Kysely<unknown>, keyring: Keyring, plan: Plan): Promise<void> {
  await db.schema.dropTable('identity_links').execute();
  await db.schema.dropTable('users').execute();
  await createUsers(db);
  await createIdentityLinks(db);
  const after = db as unknown as Kysely<After>;
  for (const account of plan.accounts) await insertAccount(after, keyring, account);
  for (const person of plan.people) await insertPerson(after, keyring, person);
}

async function createUsers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('users')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('workspace_id', 'text', (column) => column.notNull().references('workspaces.id'))
    .addColumn('email', 'text', (column) => column.notNull())
    .addColumn('email_folded', 'text', (column) => column.notNull())
    .addColumn('display_name', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('account_id', 'text', (column) => column.references('accounts.id'))
    .addColumn('claimed_at', 'bigint')
    .addColumn('claim_seal', 'text')
    .addUniqueConstraint('users_address', ['workspace_id', 'email_folded'])
    .execute();
  await db.schema.createIndex('users_by_email_folded').on('users').column('email_folded').execute();
  await db.schema.createIndex('users_by_account_id').on('users').column('account_id').execute();
}

async function createIdentityLinks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('identity_links')
    .addColumn('issuer', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('account_id', 'text', (column) => column.notNull().references('accounts.id'))
    .addColumn('linked_at', 'bigint', (column) => column.notNull())
    .addColumn('seal', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('identity_links_pk', ['issuer', 'subject'])
    .execute();
  await db.schema
    .createIndex('identity_links_by_account_id_issuer')
    .on('identity_links')
    .columns(['account_id', 'issuer'])
    .execute();
}

async function insertAccount(db: Kysely<After>, keyring: Keyring, account: NewAccount): Promise<void> {
  const { id, createdAt, email, links } = account;
  await db.insertInto('accounts').values({ id, default_workspace_id: null, created_at: createdAt }).execute();
  for (const { issuer, subject, linked_at } of links) {
    const seal = keyring.sealRow('identity-link', [issuer, subject, id, linked_at]);
    await db
      .insertInto('identity_links')
      .values({ issuer, subject, account_id: id, linked_at, seal })
      .execute();
  }
  if (email === null) return;
  const email_folded = email.normalize('NFC').toLowerCase();
  const seal = keyring.sealRow('account-address', [email_folded, id, createdAt]);
  await db
    .insertInto('account_addresses')
    .values({ email_folded, account_id: id, proven_at: createdAt, seal })
    .execute();
}

async function insertPerson(db: Kysely<After>, keyring: Keyring, person: Person): Promise<void> {
  const { id, workspaceId: workspace_id, accountId: account_id } = person;
  const { email, email_folded, display_name, created_at } = person;
  const claim_seal = account_id && keyring.sealRow('claim', [workspace_id, id, account_id]);
  const text = { email, email_folded, display_name, created_at };
  const claim = { account_id, claimed_at: person.claimedAt, claim_seal };
  await db
    .insertInto('users')
    .values({ id, workspace_id, ...text, ...claim })
    .execute();
}
