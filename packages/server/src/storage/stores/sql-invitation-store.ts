import type { Kysely } from 'kysely';
import type { Keyring, SealedField } from '../../domain/shared/keyring.ts';
import type { Page, PageRequest } from '../../domain/shared/page.ts';
import type {
  FoundInvitation,
  Invitation,
  InvitationDigests,
  InvitationStore,
} from '../../domain/tenancy/invitation.ts';
import { pageOf, rowsAfter } from '../statements/keyset.ts';
import { foldText } from '../statements/text-search.ts';
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
      .where('invitations.email_folded', '=', foldText(email))
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
    email_folded: foldText(invitation.email),
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

function sealInvitationRow(row: Omit<InvitationRow, 'seal'>, keyring: Keyring): InvitationRow {
  return { ...row, seal: keyring.sealRow('invitation', invitationAuthority(row)) };
}

export function isInvitationIntact(row: InvitationRow, keyring: Keyring): boolean {
  return keyring.isIntact(row.seal, 'invitation', invitationAuthority(row));
}

/** The sealed fields: they decide who is invited, by which token, into which role, by whom and until when. */
export function invitationAuthority(row: Omit<InvitationRow, 'seal'>): SealedField[] {
  return [
    row.id,
    row.workspace_id,
    row.inviter_id,
    row.inviter_key_id,
    row.inviter_secret_digest,
    row.email_folded,
    row.role_id,
    row.digest,
    row.created_at,
    row.expires_at,
    row.accepted_at,
    row.revoked_at,
    // Left out of older rows, which have no mail token, so that their seals stay valid.
    ...(row.mail_digest ? [row.mail_digest] : []),
  ];
}
