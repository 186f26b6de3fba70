import { type Caller, requirePermission } from '../shared/caller.ts';
import { granterOf, requireMayActOn } from './assignable.ts';
import { requireOtherOwner } from './last-owner.ts';
import type { Member } from './member.ts';
import { visibleMember } from './visible-member.ts';
import type { WorkspaceNeeds } from './workspace-needs.ts';

/** Why the keys of somebody who left are revoked. */
const OWNER_REMOVED = 'OWNER_REMOVED';

export interface RemovedMember {
  readonly member: Member;
  readonly revokedKeys: number;
}

/**
 * Removes a member and revokes, with it, every key that they own in the workspace; keys that they made for others stay.
 * Coming back revives none. PERMISSION_DENIED for whoever removes an owner without being one. LAST_OWNER; NOT_FOUND.
 */
export async function removeMember(
  { unitOfWork, clock }: WorkspaceNeeds,
  caller: Caller,
  userId: string,
): Promise<RemovedMember> {
  requirePermission(caller, 'members:remove');
  return unitOfWork.transact(async ({ members, ownedKeys }) => {
    const member = await visibleMember(members, caller, userId);
    requireMayActOn(await granterOf(members, caller), member);
    await requireOtherOwner(members, member);
    const { workspaceId } = caller;
    const revokedKeys = await ownedKeys.revokeAllOf(workspaceId, userId, OWNER_REMOVED, clock.now());
    await members.remove(workspaceId, userId);
    return { member, revokedKeys };
  });
}
