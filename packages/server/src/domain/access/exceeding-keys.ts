import type { AuditStores } from '../audit/audit-store.ts';
import type { Caller } from '../shared/caller.ts';
import type { ExceedingKey, OwnedKeys, Owners } from '../tenancy/member-credentials.ts';
import { recordRevocations } from '../workspaces/record-revocations.ts';

/** The revocation reason of a key that exceeded the new role of its owner. */
const ROLE_CHANGED = 'ROLE_CHANGED';

/** Returns the keys that exceed the role of their owner after a change, and revokes them in its transaction on request. */
export async function settleExceeding(
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
