import type { SignInLink } from './sign-in-link.ts';

/** The open links; at most one for each member, apart from mailed ones. Rows edited outside the service are not found. */
export interface SignInLinkStore {
  /** Replaces the stored link of the same member and returns the replaced one; null: there was none. */
  put(link: SignInLink, digest: string): Promise<SignInLink | null>;

  /** Adds a link that is only mailed to the member. Open links stay valid, since any client can request this mail. */
  putMailed(link: SignInLink, digest: string): Promise<void>;

  /**
   * Deletes the link and returns it; of concurrent calls only one gets it. Null on a miss, and when it had expired at
   * `now`. Finds links of all workspaces: the token alone signs in.
   */
  take(digest: string, now: number): Promise<SignInLink | null>;

  /** Deletes the links that expired before the instant; returns their number. */
  purge(before: number): Promise<number>;
}
