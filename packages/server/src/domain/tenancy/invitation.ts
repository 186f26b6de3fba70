import type { InvitationStatus } from '@latchkey/contract';
import type { Facts } from '../audit/entry.ts';
import type { Person } from './member.ts';

const DAY_MS = 86_400_000;

/** How long an invitation can be accepted. */
export const INVITATION_KEPT_MS = 7 * DAY_MS;

/** An offer to one address to become a member of a workspace. It holds no permission itself. */
export interface Invitation {
  readonly id: string;
  readonly workspaceId: string;
  readonly inviter: Person;
  /** The key that invited, directly or through a session that it opened; null: no key was involved. */
  readonly inviterKeyId: string | null;
  /** The secret of that key, by its digest; null: none, or made before secrets were recorded. */
  readonly inviterSecretDigest: string | null;
  readonly email: string;
  readonly roleId: string;
  /** As it was when the invitation was made. */
  readonly roleName: string;
  /** For the person invited. */
  readonly message: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt: number;
  readonly acceptedAt: number | null;
  readonly revokedAt: number | null;
}

export function invitationStatus(
  { acceptedAt, revokedAt, expiresAt }: Pick<Invitation, 'acceptedAt' | 'revokedAt' | 'expiresAt'>,
  now: number,
): InvitationStatus {
  if (acceptedAt !== null) return 'accepted';
  if (revokedAt !== null) return 'revoked';
  return now < expiresAt ? 'pending' : 'expired';
}

/** The fields of an invitation in the audit log. */
export function invitationFacts(invitation: Invitation, now: number): Facts {
  const { email, roleId, roleName } = invitation;
  return { email, roleId, roleName, status: invitationStatus(invitation, now) };
}
