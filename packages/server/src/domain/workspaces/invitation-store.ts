import type { Invitation } from './invitation.ts';

/** The invitations into a workspace. */
export interface InvitationStore {
  /** `digest` is all that is kept of the token. */
  insert(invitation: Invitation, digest: string): Promise<void>;

  /** Null on a miss, and for an invitation of another workspace. */
  find(workspaceId: string, invitationId: string): Promise<Invitation | null>;

  /**
   * The one look-up that crosses workspaces: whoever holds the token is invited. Null on a miss, and where something else
   * has edited the row; such a row is found by its id, so that it can be revoked.
   */
  findByDigest(digest: string): Promise<Invitation | null>;

  /** The newest first, whatever became of them. */
  list(workspaceId: string): Promise<Invitation[]>;

  /** How many can still be accepted. */
  countOpen(workspaceId: string, now: number): Promise<number>;

  /** Writes acceptance, revocation and time of change. */
  update(invitation: Invitation): Promise<void>;

  /** The invitations to this address, in any case of its letters, that were neither accepted nor revoked. */
  listOpen(workspaceId: string, email: string): Promise<Invitation[]>;
}
