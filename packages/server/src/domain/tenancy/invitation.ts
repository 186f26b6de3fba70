import type { InvitationStatus } from '@latchkey/contract';
import type { Facts } from '../audit/entry.ts';
import type { Page, PageRequest } from '../shared/page.ts';
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

export interface InvitationDigests {
  /** The digest of the token that the inviter is shown. */
  readonly shown: string;
  /** The digest of the token that only the mail has; null: no mail is sent. */
  readonly mailed: string | null;
}

export interface FoundInvitation {
  readonly invitation: Invitation;
  /** It was found by the token that only the mail has: the holder receives mail at the address. */
  readonly isMailed: boolean;
}

/** The invitations into a workspace. */
export interface InvitationStore {
  /** Of the tokens, only the digests are stored. */
  insert(invitation: Invitation, digests: InvitationDigests): Promise<void>;

  /** Null on a miss, and for an invitation of another workspace. */
  find(workspaceId: string, invitationId: string): Promise<Invitation | null>;

  /**
   * Finds an invitation of any workspace by either of its tokens. Null on a miss, and if the row was edited outside the
   * service; such a row is still found by its id, so that it can be revoked.
   */
  findByDigest(digest: string): Promise<FoundInvitation | null>;

  /** The newest first, accepted, revoked and expired ones too. */
  list(workspaceId: string, page: PageRequest): Promise<Page<Invitation>>;

  /** The number of invitations that can still be accepted. */
  countOpen(workspaceId: string, now: number): Promise<number>;

  /** Writes acceptance, revocation and time of change. */
  update(invitation: Invitation): Promise<void>;

  /** The invitations to this address, ignoring case, that were neither accepted nor revoked. */
  listOpen(workspaceId: string, email: string): Promise<Invitation[]>;

  /** Those that were neither accepted nor revoked into this role, expired ones too. */
  listOpenInto(workspaceId: string, roleId: string): Promise<Invitation[]>;
}
