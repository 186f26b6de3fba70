import type { AuditEventType, SortOrder } from '@latchkey/contract';
import type { Page, PageRequest } from '../shared/page.ts';
import type { Anchor } from './chain.ts';
import type { AuditEntry } from './entry.ts';

export interface AuditFilter {
  /** One of these. */
  readonly eventTypes?: readonly AuditEventType[];
  readonly actorId?: string;
  readonly targetId?: string;
  /** Milliseconds since 1970: entries made at `from` or later, and before `to`. */
  readonly from?: number;
  readonly to?: number;
  readonly search?: AuditSearch;
}

export interface AuditSearch {
  /**
   * Part of the type, the target's id, the actor's address, the request id or a name of the target, without regard to case.
   * Never a pattern.
   */
  readonly text: string;
  /** The keys that are found by their names. */
  readonly keysByName: 'all' | 'none' | { readonly ownerId: string };
}

export interface AuditPage extends PageRequest {
  readonly sortOrder: SortOrder;
  /** Entries to skip, from the beginning of the list or from `after`. */
  readonly offset: number;
}

/** A page of entries, and how many match in all. The number of a position is the sequence of its entry. */
export interface FoundEntries extends Page<AuditEntry> {
  readonly total: number;
}

/** The chains of entries, one a workspace. A workspace sees no entry of another. */
export interface AuditStore {
  /**
   * Stores an entry, which must follow the head of its chain: if another entry has its place, the transaction fails. A
   * search finds the entry by `names` too. Only `appendEntry` calls it.
   */
  append(entry: AuditEntry, names: readonly string[]): Promise<void>;

  /** The present address of a user of any workspace. Null on a miss. */
  addressOf(userId: string): Promise<string | null>;

  /**
   * A page of entries by their place in the chain. A search reads a bounded number of entries, those from the beginning of
   * the list or from `after`: `total` counts the matches among them, and `next` goes on after the last of them.
   */
  list(workspaceId: string, filter: AuditFilter, page: AuditPage): Promise<FoundEntries>;

  /** The event types of all entries, in alphabetical order. */
  eventTypes(workspaceId: string): Promise<AuditEventType[]>;

  /**
   * All entries in the order of the chain. They are read in batches, so that other changes are not blocked; entries added
   * before the end is reached are returned too.
   */
  stream(workspaceId: string): AsyncIterable<AuditEntry>;

  /**
   * The place of the last entry, in a transaction also of one that it has added; without entries the checkpoint; without a
   * checkpoint the genesis of the chain.
   */
  head(workspaceId: string): Promise<Anchor>;

  /** The place of the last entry that was removed; null when none ever was. */
  checkpoint(workspaceId: string): Promise<Anchor | null>;

  /** The workspaces that have an entry older than the instant. */
  workspacesBefore(instant: number): Promise<string[]>;

  /**
   * Removes the oldest entries, up to the first one that is not older than the instant, and stores the place of the last
   * removed one as the checkpoint. Returns null and removes nothing when the first entry is not older.
   */
  trim(workspaceId: string, instant: number): Promise<Anchor | null>;
}

/** The stores needed to write an entry. */
export interface AuditStores {
  readonly audit: AuditStore;
}

/** The look-up of keys that the audit log needs. */
export interface KeyOwners {
  /** The owners of these keys, by the id of the key. Keys that the workspace does not have are omitted. */
  ownersOf(workspaceId: string, keyIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}
