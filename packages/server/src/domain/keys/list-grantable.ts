import type { Catalogue, GrantableBody, GrantObstacle, Permission } from '@latchkey/contract';
import { type Caller, requirePermission } from '../shared/caller.ts';
import { activeMember, type Member, type MemberStore } from '../tenancy/member.ts';
import { ownerNotFound, permissionsToCreateFor } from './create-key.ts';
import { grantablePermissions } from './grant-ceiling.ts';

/**
 * The whole catalogue, each permission with the reason if the caller cannot give it to a new key of the owner, who is the
 * caller's user by default. For another user, the caller needs `api-keys:manage-others`. USER_NOT_FOUND if the owner is not
 * an active member. `createKey` decides with the same ceiling.
 */
export async function listGrantable(
  { members, catalogue }: { readonly members: MemberStore; readonly catalogue: Catalogue },
  caller: Caller,
  ownerId = caller.userId,
): Promise<GrantableBody> {
  for (const permission of permissionsToCreateFor(caller, ownerId)) requirePermission(caller, permission);
  const [user, owner] = await Promise.all([
    activeMember(members, caller.workspaceId, caller.userId),
    activeMember(members, caller.workspaceId, ownerId),
  ]);
  if (!user || !owner) throw ownerNotFound();
  const ceiling = grantablePermissions(caller, owner.permissions);
  return {
    caller: { kind: caller.kind, ...holder(user) },
    owner: holder(owner),
    permissions: catalogue.permissions.map((id) => {
      const grantable = ceiling.has(id);
      return { id, grantable, notHeldBy: grantable ? null : obstacle(caller, owner, id) };
    }),
  };
}

function holder({ id: userId, displayName, roleName }: Member) {
  return { userId, displayName, roleName };
}

function obstacle(caller: Caller, owner: Member, permission: Permission): GrantObstacle {
  if (caller.permissions.has(permission)) return 'owner';
  return owner.permissions.has(permission) ? 'caller' : 'both';
}
