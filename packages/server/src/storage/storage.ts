import { randomUUID } from 'node:crypto';
import type { Catalogue } from '@latchkey/contract';
import type { Kysely } from 'kysely';
import type { Anchor } from '../domain/audit/chain.ts';
import type { IdentityStores } from '../domain/identity/identity.ts';
import type { KeyStores } from '../domain/keys/key-store.ts';
import type { SessionStores } from '../domain/sessions/stores.ts';
import type { Invalidation, NoteInvalidation } from '../domain/shared/change-feed.ts';
import { type Clock, systemClock } from '../domain/shared/clock.ts';
import type { Keyring } from '../domain/shared/keyring.ts';
import type { Rehearsal, UnitOfWork } from '../domain/shared/unit-of-work.ts';
import type { CatalogueStores } from '../domain/tenancy/permission-store.ts';
import type { WorkspaceStores } from '../domain/tenancy/stores.ts';
import type { UsageStores } from '../domain/usage/usage-store.ts';
import { type Database, withSignal } from './engines/engine.ts';
import { engineFor } from './engines/registry.ts';
import { type HeadFile, headFileOf, openHeadFile, readHeadFile, requireAcknowledged } from './head-file.ts';
import { InProcessFeed } from './in-process-feed.ts';
import { SqlKeyStore } from './keys/sql-key-store.ts';
import { SqlOwnedKeys } from './keys/sql-owned-keys.ts';
import { migrate } from './migrations/migrate.ts';
import { bindPepper } from './pepper-binding.ts';
import { loadPermissionSets, type PermissionSets } from './permission-sets/permission-sets.ts';
import { SqlPermissionStore } from './permission-sets/sql-permission-store.ts';
import { LEASE_MS_DEFAULT, PolledFeed } from './polled-feed.ts';
import { rehearse, type Scope } from './rehearsal.ts';
import { SqlAccountStore } from './stores/sql-account-store.ts';
import { type AuditTransaction, SqlAuditStore } from './stores/sql-audit-store.ts';
import { SqlCallerContexts } from './stores/sql-caller-contexts.ts';
import { SqlDayQuotaStore } from './stores/sql-day-quota-store.ts';
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
type ReadStores = ReturnType<typeof storesOver>;

/** Milliseconds without a commit after which `checkpointIfIdle` makes a checkpoint. */
const CHECKPOINT_IDLE_MS = 2_000;
/** Milliseconds after the last checkpoint after which it makes one even while changes are committed. */
const CHECKPOINT_MS_MAX = 60_000;

/** Milliseconds for which `probeCommit` relies on the success of the last commit. */
const COMMIT_FRESH_MS = 1_000;

/** Every store over one open database. */
export class Storage implements UnitOfWork<Stores>, Rehearsal<Stores> {
  /** The permissions of this service. */
  readonly catalogue: Catalogue;
  readonly keys: SqlKeyStore;
  readonly workspaces: SqlWorkspaceStore;
  readonly roles: SqlRoleStore;
  readonly members: SqlMemberStore;
  readonly accounts: SqlAccountStore;
  readonly invitations: SqlInvitationStore;
  readonly ownedKeys: SqlOwnedKeys;
  readonly permissions: SqlPermissionStore;
  readonly sessions: SqlSessionStore;
  readonly signInLinks: SqlSignInLinkStore;
  readonly idempotency: SqlIdempotencyStore;
  readonly dayQuotas: SqlDayQuotaStore;
  readonly audit: SqlAuditStore;
  readonly usage: SqlUsageStore;
  readonly identities: SqlIdentityStore;
  readonly descent: SqlDescentStore;
  /** The stores to look up credentials, over a separate connection. */
  readonly credentials: ReadStores;
  readonly feed = new InProcessFeed();
  /** Null if only this process uses the database. */
  readonly shared: PolledFeed | null;
  /** As `Database.lost`. */
  readonly lost: Promise<Error>;
  readonly #database: Database;
  readonly #keyring: Keyring;
  readonly #sets: PermissionSets;
  readonly #headFile: HeadFile | null;
  #checkpointedAt = performance.now();
  #closed: Promise<void> | null = null;

  /**
   * `headFile`: closed with the storage; null: the database has no file, so that there can be no older copy of it. `leaseMs`:
   * how long caches are used after a poll of other instances' changes.
   */
  constructor(
    database: Database,
    keyring: Keyring,
    sets: PermissionSets,
    headFile: HeadFile | null = null,
    leaseMs = LEASE_MS_DEFAULT,
  ) {
    this.#database = database;
    this.#headFile = headFile;
    this.#keyring = keyring;
    this.#sets = sets;
    this.catalogue = sets.catalogue;
    this.lost = database.lost;
    const { changeLog: log } = database;
    const publish = (changes: readonly Invalidation[]) => this.feed.publish(changes);
    this.shared = log && new PolledFeed({ log, publish, clock: systemClock, leaseMs });
    const stores = this.#storesOver(database.db);
    this.credentials = this.#storesOver(database.lookups);
    this.keys = stores.keys;
    this.workspaces = stores.workspaces;
    this.roles = stores.roles;
    this.members = stores.members;
    this.accounts = stores.accounts;
    this.invitations = stores.invitations;
    this.ownedKeys = stores.ownedKeys;
    this.permissions = stores.permissions;
    this.sessions = stores.sessions;
    this.signInLinks = stores.signInLinks;
    this.idempotency = stores.idempotency;
    this.dayQuotas = new SqlDayQuotaStore(database);
    this.audit = stores.audit;
    this.usage = stores.usage;
    this.identities = stores.identities;
    this.descent = stores.descent;
  }

  /** Stores whose statements are dropped if they have not begun when the signal is aborted. */
  reading(signal: AbortSignal): ReadStores {
    return this.#storesOver(withSignal(this.#database.db, signal));
  }

  #storesOver(db: Kysely<Tables>): ReadStores {
    const note: NoteInvalidation = (change) => this.feed.publish([change]);
    return storesOver(db, this.#keyring, this.#sets, note);
  }

  async transact<T>(work: (stores: Stores) => Promise<T>): Promise<T> {
    const changes: Invalidation[] = [];
    // Work may run more than once, and only its last run is stored.
    let sets = this.#sets;
    let last: Anchor | undefined;
    const onAppend = (entry: Anchor) => {
      last = entry;
    };
    try {
      const result = await this.#database.transact(async (db, cache, lockChain) => {
        last = undefined;
        const note = (change: Invalidation) => {
          changes.push(change);
          cache.invalidate(change);
        };
        sets = this.#sets.within();
        const earlier = changes.length;
        const result = await work(storesOver(db, this.#keyring, sets, note, { cache, lockChain, onAppend }));
        const { changeLog } = this.#database;
        if (changeLog && changes.length > earlier) await changeLog.record(db, changes.slice(earlier));
        return result;
      });
      sets.keep();
      if (last) this.#headFile?.note(last);
      return result;
    } finally {
      // Also after a failed or unconfirmed commit, since an unneeded invalidation only costs a look-up.
      this.feed.publish(changes);
    }
  }

  rehearse<T>(change: (unitOfWork: UnitOfWork<Stores>) => Promise<T>): Promise<T> {
    const onAppend = () => {};
    const stores = (db: Kysely<Tables>, { cache, lockChain }: Scope): Stores => {
      const note: NoteInvalidation = (changed) => cache.invalidate(changed);
      return storesOver(db, this.#keyring, this.#sets.within(), note, { cache, lockChain, onAppend });
    };
    return rehearse(this.#database, stores, change);
  }

  /** Looks up a random key as a verification does whose key is not cached. Throws if that fails. */
  async probeLookup(): Promise<void> {
    const { keys } = this.credentials;
    const anywhere = this.#keyring.digest(randomUUID());
    const [digest] = [...(await keys.digests(anywhere, 1)), ...(await keys.digests('', 1))];
    if (digest !== undefined) await keys.findByDigest(digest);
  }

  /** Makes a commit without effect, unless a change was committed within the last second. Throws if that fails. */
  async probeCommit(): Promise<void> {
    if (!this.#database.hasCommittedWithin(COMMIT_FRESH_MS)) await this.#database.touch();
  }

  /** Deletes what instances have told each other more than an hour ago. */
  async purgeShared(): Promise<void> {
    await this.#database.changeLog?.purge();
  }

  /** As `Database.findDamage`. */
  findDamage(): Promise<readonly string[]> {
    return this.#database.findDamage();
  }

  /** Writes the last acknowledged change to the head file, next to the database. */
  async noteAcknowledged(): Promise<void> {
    await this.#headFile?.flush();
  }

  /**
   * Makes a checkpoint if no change was committed for two seconds, or the last one was a minute ago, so that the database
   * file is never older than that. It waits for a pause, since the first commit after a checkpoint syncs twice.
   */
  async checkpointIfIdle(): Promise<void> {
    const now = performance.now();
    const isBusy = this.#database.hasCommittedWithin(CHECKPOINT_IDLE_MS);
    if (isBusy && now - this.#checkpointedAt < CHECKPOINT_MS_MAX) return;
    this.#checkpointedAt = now;
    await this.#database.checkpoint();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    try {
      await this.#headFile?.close();
    } finally {
      await this.#database.close();
    }
  }
}

function storesOver(
  db: Kysely<Tables>,
  keyring: Keyring,
  sets: PermissionSets,
  note: NoteInvalidation,
  transaction: AuditTransaction | null = null,
) {
  const cache = transaction?.cache ?? null;
  const keys = new SqlKeyStore(db, keyring, sets, note, cache);
  const sessions = new SqlSessionStore(db, keyring);
  const read = {
    workspaces: new SqlWorkspaceStore(db, note),
    members: new SqlMemberStore(db, keyring, sets, note),
    ownedKeys: new SqlOwnedKeys(db, sets, keys),
    ownedSessions: sessions,
    audit: new SqlAuditStore(db, transaction),
  };
  return {
    ...read,
    callers: new SqlCallerContexts(read, cache),
    keys,
    roles: new SqlRoleStore(db, sets, note),
    accounts: new SqlAccountStore(db, keyring),
    invitations: new SqlInvitationStore(db, keyring),
    descent: new SqlDescentStore(db),
    mailCounts: new SqlMailCountStore(db),
    permissions: new SqlPermissionStore(db, sets),
    sessions,
    signInLinks: new SqlSignInLinkStore(db, keyring),
    idempotency: new SqlIdempotencyStore(db),
    usage: new SqlUsageStore(db),
    identities: new SqlIdentityStore(db, keyring),
  } satisfies Stores;
}

/**
 * Opens the database of the URL, migrates its schema, and checks that it belongs to the pepper and, unless `acceptOlder`,
 * that it contains the last acknowledged change. Throws OperatorError otherwise, and then leaves nothing open.
 */
export async function openStorage(
  url: string,
  keyring: Keyring,
  clock: Clock,
  catalogue: Catalogue,
  { acceptOlder = false, leaseMs }: { acceptOlder?: boolean; leaseMs?: number } = {},
): Promise<Storage> {
  const engine = engineFor(url);
  const file = engine.fileOf(url);
  const database = await engine.open(url);
  try {
    const { db } = database;
    if (file !== null && !acceptOlder)
      await requireAcknowledged(db, file, readHeadFile(headFileOf(file), keyring));
    await database.migrating(() => migrate(db, keyring));
    const now = clock.now();
    await bindPepper(db, keyring.pepperId, now);
    const sets = await loadPermissionSets(db, catalogue);
    const headFile = file === null ? null : await openHeadFile(db, file, keyring, { now, acceptOlder });
    return new Storage(database, keyring, sets, headFile, leaseMs);
  } catch (error) {
    await database.close();
    throw error;
  }
}
