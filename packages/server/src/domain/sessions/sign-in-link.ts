import type { Facts } from '../audit/entry.ts';
import type { Issuer } from '../shared/caller.ts';
import { issuerFacts } from './session.ts';

/** Milliseconds for which a link is valid. */
export const SIGN_IN_LINK_KEPT_MS = 15 * 60_000;

/** A link that signs one member in, once. */
export interface SignInLink {
  readonly id: string;
  readonly workspaceId: string;
  readonly userId: string;
  /**
   * The member who made the link. Null: only the person could see it, because the operator made it on the host, or it was
   * mailed to the member's address. Then the session proves the member's account; otherwise it is of this one member only.
   */
  readonly issuer: Issuer | null;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** The fields of a link in the audit log. */
export function signInLinkFacts({ userId, issuer, expiresAt }: SignInLink): Facts {
  return { userId, ...issuerFacts(issuer), expiresAt: new Date(expiresAt).toISOString() };
}

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
