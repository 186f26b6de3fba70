import type { Kysely } from 'kysely';
import type { Invitation } from '../domain/workspaces/invitation.ts';
import type { InvitationStore } from '../domain/workspaces/invitation-store.ts';
import { fold } from './fold.ts';
import type { InvitationRow, Tables } from './tables.ts';

export class SqlInvitationStore implements InvitationStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async insert(invitation: Invitation, digest: string): Promise<void> {
    await this.#db.insertInto('invitations').values(toInvitationRow(invitation, digest)).execute();
  }

  async find(workspaceId: string, invitationId: string): Promise<Invitation | null> {
    const row = await this.#invitations()
      .where('invitations.workspace_id', '=', workspaceId)
      .where('invitations.id', '=', invitationId)
      .executeTakeFirst();
    return row ? fromInvitationRow(row) : null;
  }

  async findByDigest(digest: string): Promise<Invitation | null> {
    const row = await this.#invitations().where('invitations.digest', '=', digest).executeTakeFirst();
    return row ? fromInvitationRow(row) : null;
  }

  async list(workspaceId: string): Promise<Invitation[]> {
    const rows = await this.#invitations()
      .where('invitations.workspace_id', '=', workspaceId)
      .orderBy('invitations.created_at', 'desc')
      .orderBy('invitations.id', 'desc')
      .execute();
    return rows.map(fromInvitationRow);
  }

  async update(invitation: Invitation): Promise<void> {
    const { acceptedAt: accepted_at, revokedAt: revoked_at, updatedAt: updated_at } = invitation;
    await this.#db
      .updateTable('invitations')
      .set({ accepted_at, revoked_at, updated_at })
      .where('workspace_id', '=', invitation.workspaceId)
      .where('id', '=', invitation.id)
      .execute();
  }

  async revokeOpen(workspaceId: string, email: string, now: number): Promise<void> {
    await this.#db
      .updateTable('invitations')
      .set({ revoked_at: now, updated_at: now })
      .where('workspace_id', '=', workspaceId)
      .where('email_folded', '=', fold(email))
      .where('accepted_at', 'is', null)
      .where('revoked_at', 'is', null)
      .execute();
  }

  #invitations() {
    return this.#db
      .selectFrom('invitations')
      .innerJoin('users', 'users.id', 'invitations.inviter_id')
      .selectAll('invitations')
      .select(['users.email as inviter_email', 'users.display_name as inviter_display_name']);
  }
}

function toInvitationRow(invitation: Invitation, digest: string): InvitationRow {
  return {
    id: invitation.id,
    workspace_id: invitation.workspaceId,
    inviter_id: invitation.inviter.id,
    inviter_key_id: invitation.inviterKeyId,
    email: invitation.email,
    email_folded: fold(invitation.email),
    role_id: invitation.roleId,
    role_name: invitation.roleName,
    message: invitation.message,
    digest,
    created_at: invitation.createdAt,
    updated_at: invitation.updatedAt,
    expires_at: invitation.expiresAt,
    accepted_at: invitation.acceptedAt,
    revoked_at: invitation.revokedAt,
  };
}

function fromInvitationRow(
  row: InvitationRow & { inviter_email: string; inviter_display_name: string },
): Invitation {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    inviter: { id: row.inviter_id, email: row.inviter_email, displayName: row.inviter_display_name },
    inviterKeyId: row.inviter_key_id,
    email: row.email,
    roleId: row.role_id,
    roleName: row.role_name,
    message: row.message,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    expiresAt: row.expires_at,
    acceptedAt: row.accepted_at,
    revokedAt: row.revoked_at,
  };
}
