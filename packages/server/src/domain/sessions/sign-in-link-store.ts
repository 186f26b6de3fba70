import type { SignInLink } from './sign-in-link.ts';

/** The open links, one for each member at most. Rows that something else has edited are not found. */
export interface SignInLinkStore {
  /** Takes the place of the link that is stored for the same member, and returns that one; null: there was none. */
  put(link: SignInLink, digest: string): Promise<SignInLink | null>;

  /** Adds a link that goes to the member's address alone. Links that are open already stay: anyone can ask for one. */
  putMailed(link: SignInLink, digest: string): Promise<void>;

  /**
   * Takes the link away and returns it: of any number of calls at once, one gets it. Null on a miss, and where it had
   * expired at `now`. Crosses workspaces: whoever holds the token is let in.
   */
  take(digest: string, now: number): Promise<SignInLink | null>;

  /** Forgets what expired before the instant, and returns how many that were. */
  purge(before: number): Promise<number>;
}
