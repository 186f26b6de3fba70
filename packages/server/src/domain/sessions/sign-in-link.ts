import type { Facts } from '../audit/entry.ts';

/** How long a link lets somebody in. */
export const SIGN_IN_LINK_KEPT_MS = 15 * 60_000;

/** A door that lets one person into one workspace, once. */
export interface SignInLink {
  readonly id: string;
  readonly workspaceId: string;
  readonly userId: string;
  /** The key that made it, if it was a key. */
  readonly keyId: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** What the audit log keeps of a link. */
export function signInLinkFacts({ userId, keyId, expiresAt }: SignInLink): Facts {
  return { userId, keyId, expiresAt: new Date(expiresAt).toISOString() };
}
