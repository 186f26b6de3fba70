import type { Invitation } from './invitation.ts';

/** The invitations into a workspace. */
export interface InvitationStore {
  /** `digest` is all that is kept of the token. */
  insert(invitation: Invitation, digest: string): Promise<void>;

  /** Null on a miss, and for an invitation of another workspace. */
  find(workspaceId: string, invitationId: string): Promise<Invitation | null>;

  /** The one look-up that crosses workspaces: whoever holds the token is invited. Null on a miss. */
  findByDigest(digest: string): Promise<Invitation | null>;

  /** The newest first, whatever became of them. */
  list(workspaceId: string): Promise<Invitation[]>;

  /** Writes acceptance, revocation and time of change. */
  update(invitation: Invitation): Promise<void>;

  /** Revokes what was neither accepted nor revoked of the invitations to this address, in any case of its letters. */
  revokeOpen(workspaceId: string, email: string, now: number): Promise<void>;
}
