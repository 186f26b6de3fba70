import type { Page, PageRequest } from '../shared/page.ts';
import type { Invitation } from '../tenancy/invitation.ts';

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
