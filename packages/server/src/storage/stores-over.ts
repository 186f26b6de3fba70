import type { Kysely } from 'kysely';
import type { IdentityStores } from '../domain/identity/identity.ts';
import type { KeyStores } from '../domain/keys/key-store.ts';
import type { SessionStores } from '../domain/sessions/stores.ts';
import type { NoteInvalidation } from '../domain/shared/change-feed.ts';
import type { Keyring } from '../domain/shared/keyring.ts';
import type { CatalogueStores } from '../domain/tenancy/permission-store.ts';
import type { WorkspaceStores } from '../domain/tenancy/stores.ts';
import type { UsageStores } from '../domain/usage/usage-store.ts';
import { SqlKeyStore } from './keys/sql-key-store.ts';
import { SqlOwnedKeys } from './keys/sql-owned-keys.ts';
import type { PermissionSets } from './permission-sets/permission-sets.ts';
import { SqlPermissionStore } from './permission-sets/sql-permission-store.ts';
import { SqlAccountStore } from './stores/sql-account-store.ts';
import { type AuditTransaction, SqlAuditStore } from './stores/sql-audit-store.ts';
import { SqlCallerContexts } from './stores/sql-caller-contexts.ts';
import { SqlDescentStore } from './stores/sql-descent-store.ts';
import { SqlIdempotencyStore } from './stores/sql-idempotency-store.ts';
import { SqlIdentityStore } from './stores/sql-identity-store.ts';
import { SqlInvitationStore } from './stores/sql-invitation-store.ts';
import { SqlMailCountStore } from './stores/sql-mail-count-store.ts';
import { SqlMemberStore } from './stores/sql-member-store.ts';
import { SqlRoleStore } from './stores/sql-role-store.ts';
import { SqlSessionStore } from './stores/sql-session-store.ts';
import { SqlSignInLinkStore } from './stores/sql-sign-in-link-store.ts';
import { SqlUsageStore } from './stores/sql-usage-store.ts';
import { SqlWorkspaceStore } from './stores/sql-workspace-store.ts';
import type { Tables } from './tables.ts';

/** The stores of one transaction. */
export type Stores = KeyStores &
  WorkspaceStores &
  SessionStores &
  IdentityStores &
  UsageStores &
  CatalogueStores;

/** The stores for reading outside a transaction. */
export type ReadStores = ReturnType<typeof storesOver>;

/** Every store over a connection; `transaction`: the one that is open there. */
export function storesOver(
  db: Kysely<Tables>,
  keyring: Keyring,
  sets: PermissionSets,
  note: NoteInvalidation,
  transaction: AuditTransaction | null = null,
) {
  const cache = transaction?.cache ?? null;
  const keys = new SqlKeyStore(db, keyring, sets, note, cache);
  const ownedKeys = new SqlOwnedKeys(db, keyring, sets, note, keys);
  const workspaces = new SqlWorkspaceStore(db, note);
  const members = new SqlMemberStore(db, keyring, sets, note);
  const sessions = new SqlSessionStore(db, keyring);
  const audit = new SqlAuditStore(db, transaction);
  // Every field is listed: to copy an object and add fields takes ten times as long as to construct all of these stores.
  return {
    callers: new SqlCallerContexts({ workspaces, members, ownedKeys, ownedSessions: sessions, audit }, cache),
    keys,
    ownedKeys,
    workspaces,
    members,
    sessions,
    ownedSessions: sessions,
    audit,
    roles: new SqlRoleStore(db, sets, note),
    accounts: new SqlAccountStore(db, keyring),
    invitations: new SqlInvitationStore(db, keyring),
    descent: new SqlDescentStore(db),
    mailCounts: new SqlMailCountStore(db),
    permissions: new SqlPermissionStore(db, sets),
    signInLinks: new SqlSignInLinkStore(db, keyring),
    idempotency: new SqlIdempotencyStore(db),
    usage: new SqlUsageStore(db),
    identities: new SqlIdentityStore(db, keyring),
  } satisfies Stores;
}
