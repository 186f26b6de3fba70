import type { Kysely } from 'kysely';
import type { Keyring } from '../../domain/shared/keyring.ts';
import type { Page, PageRequest } from '../../domain/shared/page.ts';
import type { Invitation } from '../../domain/tenancy/invitation.ts';
import type {
  FoundInvitation,
  InvitationDigests,
  InvitationStore,
} from '../../domain/workspaces/invitation-store.ts';
import { fold } from '../fold.ts';
import { isInvitationIntact, sealInvitationRow } from '../invitation-rows.ts';
import { pageOf, rowsAfter } from '../statements/keyset.ts';
import type { InvitationRow, Tables } from '../tables.ts';

export class SqlInvitationStore implements InvitationStore {
  readonly #db: Kysely<Tables>;

  readonly #keyring: Keyring;

  constructor(db: Kysely<Tables>, keyring: Keyring) {
    this.#db = db;
    this.#keyring = keyring;
  }

  async insert(invitation: Invitation, digests: InvitationDigests): Promise<void> {
    const row = sealInvitationRow(toInvitationRow(invitation, digests), this.#keyring);
    await this.#db.insertInto('invitations').values(row).execute();
  }

  async find(workspaceId: string, invitationId: string): Promise<Invitation | null> {
    const row = await this.#invitations()
      .where('invitations.workspace_id', '=', workspaceId)
      .where('invitations.id', '=', invitationId)
      .executeTakeFirst();
    return row ? fromInvitationRow(row) : null;
  }

  async findByDigest(digest: string): Promise<FoundInvitation | null> {
    const row = await this.#invitations()
      .where((either) =>
        either.or([
          either('invitations.digest', '=', digest),
          either('invitations.mail_digest', '=', digest),
        ]),
      )
      .executeTakeFirst();
    if (!row || !isInvitationIntact(row, this.#keyring)) return null;
    return { invitation: fromInvitationRow(row), isMailed: row.mail_digest === digest };
  }

  async list(workspaceId: string, page: PageRequest): Promise<Page<Invitation>> {
    const order = { column: 'invitations.created_at', id: 'invitations.id', sortOrder: 'desc' } as const;
    const rows = await this.#invitations()
      .where('invitations.workspace_id', '=', workspaceId)
      .where(rowsAfter(order, page.after))
      .orderBy('invitations.created_at', 'desc')
      .orderBy('invitations.id', 'desc')
      .limit(page.limit + 1)
      .execute();
    const { items, next } = pageOf(rows, page, ({ created_at, id }) => ({ value: created_at, id }));
    return { items: items.map(fromInvitationRow), next };
  }

  async countOpen(workspaceId: string, now: number): Promise<number> {
    const { count } = await this.#db
      .selectFrom('invitations')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('workspace_id', '=', workspaceId)
      .where('accepted_at', 'is', null)
      .where('revoked_at', 'is', null)
      .where('expires_at', '>', now)
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  async listOpen(workspaceId: string, email: string): Promise<Invitation[]> {
    const rows = await this.#invitations()
      .where('invitations.workspace_id', '=', workspaceId)
      .where('invitations.email_folded', '=', fold(email))
      .where('invitations.accepted_at', 'is', null)
      .where('invitations.revoked_at', 'is', null)
      .orderBy('invitations.id')
      .execute();
    return rows.map(fromInvitationRow);
  }

  async update({ workspaceId, id, acceptedAt, revokedAt, updatedAt }: Invitation): Promise<void> {
    const row = await this.#db
      .selectFrom('invitations')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .executeTakeFirst();
    if (!row) return;
    const change = { accepted_at: acceptedAt, revoked_at: revokedAt, updated_at: updatedAt };
    const isIntact = isInvitationIntact(row, this.#keyring);
    const seal = isIntact ? sealInvitationRow({ ...row, ...change }, this.#keyring).seal : row.seal;
    await this.#db
      .updateTable('invitations')
      .set({ ...change, seal })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .execute();
  }

  async listOpenInto(workspaceId: string, roleId: string): Promise<Invitation[]> {
    const rows = await this.#invitations()
      .where('invitations.workspace_id', '=', workspaceId)
      .where('invitations.role_id', '=', roleId)
      .where('invitations.accepted_at', 'is', null)
      .where('invitations.revoked_at', 'is', null)
      .orderBy('invitations.id')
      .execute();
    return rows.map(fromInvitationRow);
  }

  #invitations() {
    return this.#db
      .selectFrom('invitations')
      .innerJoin('users', 'users.id', 'invitations.inviter_id')
      .selectAll('invitations')
      .select(['users.email as inviter_email', 'users.display_name as inviter_display_name']);
  }
}

function toInvitationRow(invitation: Invitation, digests: InvitationDigests): Omit<InvitationRow, 'seal'> {
  return {
    id: invitation.id,
    workspace_id: invitation.workspaceId,
    inviter_id: invitation.inviter.id,
    inviter_key_id: invitation.inviterKeyId,
    inviter_secret_digest: invitation.inviterSecretDigest,
    email: invitation.email,
    email_folded: fold(invitation.email),
    role_id: invitation.roleId,
    role_name: invitation.roleName,
    message: invitation.message,
    digest: digests.shown,
    mail_digest: digests.mailed,
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
    inviterSecretDigest: row.inviter_secret_digest,
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
