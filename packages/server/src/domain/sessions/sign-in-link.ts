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
