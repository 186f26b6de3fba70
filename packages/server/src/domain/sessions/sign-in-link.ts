import type { Facts } from '../audit/entry.ts';
import type { Issuer } from '../shared/caller.ts';
import { issuerFacts } from './session.ts';

/** How long a link lets somebody in. */
export const SIGN_IN_LINK_KEPT_MS = 15 * 60_000;

/** A door that lets one person into one workspace, once. */
export interface SignInLink {
  readonly id: string;
  readonly workspaceId: string;
  readonly userId: string;
  /**
   * Null: only the person could see the link. The operator made it on the host, or it went to the member's address alone.
   * The session that it opens is then one of the member's account; else it is a session of this one member.
   */
  readonly issuer: Issuer | null;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** What the audit log keeps of a link. */
export function signInLinkFacts({ userId, issuer, expiresAt }: SignInLink): Facts {
  return { userId, ...issuerFacts(issuer), expiresAt: new Date(expiresAt).toISOString() };
}
