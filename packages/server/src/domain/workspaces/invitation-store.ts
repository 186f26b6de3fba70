import type { Page, PageRequest } from '../shared/page.ts';
import type { Invitation } from './invitation.ts';

export interface InvitationDigests {
  /** Of the token that the inviter is shown. */
  readonly shown: string;
  /** Of the token that only the mail has; null: no mail is sent. */
  readonly mailed: string | null;
}

export interface FoundInvitation {
  readonly invitation: Invitation;
  /** It was found by the token that only the mail has: the holder receives mail at the address. */
  readonly isMailed: boolean;
}

/** The invitations into a workspace. */
export interface InvitationStore {
  /** The digests are all that is kept of the tokens. */
  insert(invitation: Invitation, digests: InvitationDigests): Promise<void>;

  /** Null on a miss, and for an invitation of another workspace. */
  find(workspaceId: string, invitationId: string): Promise<Invitation | null>;

  /**
   * By either token. The one look-up that crosses workspaces: the holder of a token is invited. Null on a miss, and where
   * something else has edited the row; such a row is found by its id, so that it can be revoked.
   */
  findByDigest(digest: string): Promise<FoundInvitation | null>;

  /** The newest first, whatever became of them. */
  list(workspaceId: string, page: PageRequest): Promise<Page<Invitation>>;

  /** How many can still be accepted. */
  countOpen(workspaceId: string, now: number): Promise<number>;

  /** Writes acceptance, revocation and time of change. */
  update(invitation: Invitation): Promise<void>;

  /** The invitations to this address, in any case of its letters, that were neither accepted nor revoked. */
  listOpen(workspaceId: string, email: string): Promise<Invitation[]>;

  /** Those that were neither accepted nor revoked into this role, expired ones too. */
  listOpenInto(workspaceId: string, roleId: string): Promise<Invitation[]>;
}
