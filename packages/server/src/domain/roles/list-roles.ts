import { grantorOf, grantViolations } from '../access/role-grant.ts';
import { type Caller, requirePermission } from '../shared/caller.ts';
import { type ListedPage, type PageInput, pageOfWhole, readPage } from '../shared/page.ts';
import type { MemberStore } from '../tenancy/member.ts';
import { type CountedRole, compareRoles, type RoleStore, rolePosition } from '../tenancy/role.ts';

/** A role, with what the caller may do with it. */
export interface ListedRole extends CountedRole {
  /** May this caller give it to a member? */
  readonly isAssignable: boolean;
}

export async function listRoles(
  { roles, members }: { readonly roles: RoleStore; readonly members: MemberStore },
  caller: Caller,
  input: PageInput,
): Promise<ListedPage<ListedRole>> {
  requirePermission(caller, 'roles:read');
  const { workspaceId } = caller;
  const granter = await grantorOf(members, caller);
  const order = { list: { name: 'roles', workspaceId }, sortedBy: 'text' } as const;
  const page = await readPage(order, input, async (asked) =>
    pageOfWhole(await roles.list(workspaceId), asked, rolePosition, compareRoles),
  );
  const items = page.items.map((role) => ({
    ...role,
    isAssignable: grantViolations(granter, role).length === 0,
  }));
  return { ...page, items };
}
