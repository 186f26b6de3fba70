/** What may be otherwise now than somebody remembers it. */
export type Change =
  /** The key itself, or one of its secrets. */
  | { readonly kind: 'key'; readonly keyId: string }
  /** A secret that was not there before, by its digest. */
  | { readonly kind: 'secret'; readonly digest: string }
  /** What a member is or may do; all that stands around the keys they own. */
  | { readonly kind: 'member'; readonly workspaceId: string; readonly userId: string }
  /** The workspace, or roles of it; all that stands around its keys. */
  | { readonly kind: 'workspace'; readonly workspaceId: string };

/** Takes note of a change where it is made; the feed tells of it once it is committed. */
export type NoteChange = (change: Change) => void;

export type ChangeListener = (changes: readonly Change[]) => void;

/** Tells what has changed to those who remember it. */
export interface ChangeFeed {
  /**
   * The listener hears of every change after it is committed and before it is acknowledged: whoever asks after the
   * acknowledgement asks somebody who knows. It may also hear of changes that did not come about. It must not throw.
   */
  subscribe(listener: ChangeListener): void;
}
