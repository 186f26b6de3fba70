import type { ExceedingKey, OwnedKeys, Owners } from './owned-keys.ts';

/** Why a key was revoked that held more than the new role of its owner. */
const ROLE_CHANGED = 'ROLE_CHANGED';

/** The keys that exceed the role of their owner after a change, revoked in its transaction where that is wanted. */
export async function settleExceeding(
  ownedKeys: OwnedKeys,
  { workspaceId, ...owners }: Owners & { readonly workspaceId: string },
  revoke: boolean | undefined,
  now: number,
): Promise<ExceedingKey[]> {
  const keys = await ownedKeys.exceeding(workspaceId, owners);
  const ids = keys.map(({ id }) => id);
  if (revoke) await ownedKeys.revoke(workspaceId, ids, ROLE_CHANGED, now);
  return keys;
}
