/** A cache invalidation: what may have changed, so that cached copies must be dropped. */
export type Invalidation =
  /** The key itself, or one of its secrets. */
  | { readonly kind: 'key'; readonly keyId: string }
  /** A new secret, by its digest. */
  | { readonly kind: 'secret'; readonly digest: string }
  /** A member, their role or their status; it affects all keys that they own. */
  | { readonly kind: 'member'; readonly workspaceId: string; readonly userId: string }
  /** The workspace or its roles; it affects all of its keys. */
  | { readonly kind: 'workspace'; readonly workspaceId: string }
  /** Anything: changes of other instances may have been missed. */
  | { readonly kind: 'everything' };

/** Records a change inside its transaction; the feed publishes it after the commit. */
export type NoteInvalidation = (change: Invalidation) => void;

export type ChangeListener = (changes: readonly Invalidation[]) => void;

/** Publishes cache invalidations to the caches. */
export interface ChangeFeed {
  /**
   * Calls the listener for each change after its commit and before its acknowledgement, so that a call after the
   * acknowledgement never reads an outdated cache. The listener may also get changes that were not committed. It must not
   * throw.
   */
  subscribe(listener: ChangeListener): void;
}

/** How this instance hears of the changes of other instances over the same database. */
export interface SharedChanges {
  /** Milliseconds after a commit from which no instance uses cached state from before. */
  readonly leaseMs: number;
  /** May cached state be used? False if the last poll of changes that succeeded has begun longer than the lease ago. */
  isCurrent(): boolean;
  /**
   * Resolves when every change has been published that was committed before the call. Concurrent calls share one poll.
   * Throws UNAVAILABLE.
   */
  catchUp(): Promise<void>;
}
