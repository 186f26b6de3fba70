import { randomUUID } from 'node:crypto';
import type { Catalogue } from '@latchkey/contract';
import type { Kysely } from 'kysely';
import type { Anchor } from '../domain/audit/chain.ts';
import type { Invalidation, NoteInvalidation } from '../domain/shared/change-feed.ts';
import { systemClock } from '../domain/shared/clock.ts';
import type { Keyring } from '../domain/shared/keyring.ts';
import type { Rehearsal, UnitOfWork } from '../domain/shared/unit-of-work.ts';
import { InProcessFeed, LEASE_MS_DEFAULT, PolledFeed } from './change-feeds.ts';
import {
  type ConnectionUse,
  type Database,
  type PeerTable,
  type Standby,
  withSignal,
} from './engines/engine.ts';
import type { HeadFile } from './head-file.ts';
import { currentPepper, missingPepper } from './pepper/pepper-binding.ts';
import { type PepperState, pepperStateOf, resealAll } from './pepper/reseal.ts';
import type { PermissionSets } from './permission-sets/permission-sets.ts';
import { rehearse, type Scope } from './rehearsal.ts';
import { SqlDayQuotaStore } from './stores/sql-day-quota-store.ts';
import { type ReadStores, type Stores, storesOver } from './stores-over.ts';
import type { Tables } from './tables.ts';

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
  readonly keys: ReadStores['keys'];
  readonly workspaces: ReadStores['workspaces'];
  readonly roles: ReadStores['roles'];
  readonly members: ReadStores['members'];
  readonly accounts: ReadStores['accounts'];
  readonly invitations: ReadStores['invitations'];
  readonly ownedKeys: ReadStores['ownedKeys'];
  readonly permissions: ReadStores['permissions'];
  readonly sessions: ReadStores['sessions'];
  readonly signInLinks: ReadStores['signInLinks'];
  readonly idempotency: ReadStores['idempotency'];
  readonly dayQuotas: SqlDayQuotaStore;
  readonly audit: ReadStores['audit'];
  readonly usage: ReadStores['usage'];
  readonly identities: ReadStores['identities'];
  readonly descent: ReadStores['descent'];
  /** The stores to look up credentials, over a separate connection. */
  readonly credentials: ReadStores;
  readonly feed = new InProcessFeed();
  /** Null if only this process uses the database. */
  readonly shared: PolledFeed | null;
  /** Null if only this process uses the database. */
  readonly peers: PeerTable | null;
  /** As `Database.standby`. */
  readonly standby: Standby | null;
  /** As `Database.lost`. */
  readonly lost: Promise<Error>;
  readonly #database: Database;
  readonly #keyring: Keyring;
  readonly #sets: PermissionSets;
  readonly #headFile: HeadFile | null;
  #checkpointedAt = performance.now();
  /** The pepper that this process uses. */
  #adopted: string;
  /** The pepper with which all rows are sealed; null: not known. */
  #resealed: string | null = null;
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
    this.#adopted = keyring.pepperId;
    this.#sets = sets;
    this.catalogue = sets.catalogue;
    this.lost = database.lost;
    this.peers = database.peers;
    this.standby = database.standby;
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

  /** As `reading`, for lists: they may be of a standby, and then miss the last changes. */
  listing(signal: AbortSignal): ReadStores {
    return this.#storesOver(withSignal(this.#database.lists, signal));
  }

  /** As `listing`, for one export, all of which one server reads. */
  exporting(signal: AbortSignal): ReadStores {
    return this.#storesOver(withSignal(this.#database.forExport(), signal));
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
    await this.peers?.purge();
  }

  /**
   * Makes the pepper of the database the current one of this process. Another instance may have replaced it. If it is not in
   * the keyring, throws OperatorError, and all that needs the pepper throws UNAVAILABLE until a start with it.
   */
  async adoptPepper(): Promise<void> {
    const pepperId = await currentPepper(this.#database.db);
    if (pepperId === this.#adopted) return;
    this.#keyring.use(pepperId);
    // Keys in memory are looked up again, so that those in use are rehashed.
    this.feed.publish([{ kind: 'everything' }]);
    if (!this.#keyring.pepperIds.includes(pepperId)) throw missingPepper(this.#keyring, pepperId);
    this.#adopted = pepperId;
  }

  /** Does the current pepper replace an older one, and may there be rows that are not sealed with it? */
  needsReseal(): boolean {
    return this.#keyring.isReplacing && this.#resealed !== this.#keyring.pepperId;
  }

  /**
   * While the current pepper replaces an older one, seals all rows with it that were sealed with another, in one pass over all
   * tables, or until the signal is aborted.
   */
  async reseal(signal: AbortSignal): Promise<void> {
    if (!this.needsReseal()) return;
    const { sealed, isWhole } = await resealAll(this.#database, this.#keyring, signal);
    if (isWhole && sealed === 0) this.#resealed = this.#keyring.pepperId;
  }

  /** The progress of a rotation of the pepper. Reads all tables with seals. */
  pepperState(now: number): Promise<PepperState> {
    return pepperStateOf(this.#database.db, this.#keyring, now);
  }

  /** As `Database.connections`. */
  readonly connections = (): readonly ConnectionUse[] => this.#database.connections();

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
