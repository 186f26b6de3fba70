import type { AuditStore, AuditStores } from '../audit/audit-store.ts';
import { recordChange } from '../audit/record-change.ts';
import type { Caller } from '../shared/caller.ts';
import { type Invitation, invitationFacts } from '../tenancy/invitation.ts';
import type { ExceedingKey, OwnedKeys, Owners, RevokedOwnedKey } from '../tenancy/member-credentials.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';

/** The revocation reason of a key that exceeded the new role of its owner. */
const ROLE_CHANGED = 'ROLE_CHANGED';

/** Returns the keys that exceed the role of their owner after a change, and revokes them in its transaction on request. */
export async function revokeExceedingKeys(
  { ownedKeys, audit }: AuditStores & { readonly ownedKeys: OwnedKeys },
  caller: Caller,
  owners: Owners,
  revoke: boolean | undefined,
  now: number,
): Promise<ExceedingKey[]> {
  const keys = await ownedKeys.exceeding(caller.workspaceId, owners);
  if (!revoke) return keys;
  const keyIds = keys.map(({ id }) => id);
  const revoked = await ownedKeys.revoke(caller.workspaceId, keyIds, ROLE_CHANGED, now);
  await recordRevocations(audit, caller, { keys: revoked, reason: ROLE_CHANGED }, now);
  return keys;
}

/** Writes an audit entry for each key that was revoked by a change of another object. */
export async function recordRevocations(
  audit: AuditStore,
  caller: Caller,
  { keys, reason }: { readonly keys: readonly RevokedOwnedKey[]; readonly reason: string | null },
  now: number,
): Promise<void> {
  const revokedAt = new Date(now).toISOString();
  for (const { id, version } of keys) {
    const target = { kind: 'api-key', id } as const;
    const after = { revokedReason: reason, revokedAt, version };
    await recordChange(audit, caller, { eventType: 'api-key.revoked', target, before: null, after }, now);
  }
}

/** Revokes an invitation that was neither accepted nor revoked, as part of a transaction. */
export async function withdrawInvitation(
  { invitations, audit }: Pick<WorkspaceStores, 'invitations' | 'audit'>,
  caller: Caller,
  before: Invitation,
  now: number,
): Promise<Invitation> {
  const after = { ...before, updatedAt: now, revokedAt: now };
  await invitations.update(after);
  const facts = { before: invitationFacts(before, now), after: invitationFacts(after, now) };
  const target = { kind: 'invitation', id: before.id } as const;
  await recordChange(audit, caller, { eventType: 'invitation.revoked', target, ...facts }, now);
  return after;
}
