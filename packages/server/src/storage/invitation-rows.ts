import type { Keyring, SealedField } from '../domain/shared/keyring.ts';
import type { InvitationRow } from './tables.ts';

export function sealInvitationRow(row: Omit<InvitationRow, 'seal'>, keyring: Keyring): InvitationRow {
  return { ...row, seal: keyring.sealRow('invitation', authorityOf(row)) };
}

export function isInvitationIntact(row: InvitationRow, keyring: Keyring): boolean {
  return keyring.isIntact(row.seal, 'invitation', authorityOf(row));
}

/** The sealed fields: they decide who is invited, by which token, into which role, by whom and until when. */
function authorityOf(row: Omit<InvitationRow, 'seal'>): SealedField[] {
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
