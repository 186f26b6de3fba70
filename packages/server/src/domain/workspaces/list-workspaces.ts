import { type Caller, requirePermission } from '../shared/caller.ts';
import {
  type ListedPage,
  type Page,
  type PageInput,
  type PageRequest,
  type Position,
  pageOfWhole,
  readPage,
} from '../shared/page.ts';
import type { Member, MemberStore } from '../tenancy/member.ts';
import type { Workspace, WorkspaceStore } from '../tenancy/workspace.ts';

export interface ListWorkspacesNeeds {
  readonly workspaces: WorkspaceStore;
  readonly members: MemberStore;
}

type Place = Pick<Member, 'workspaceId' | 'createdAt'>;

/**
 * The caller's workspace. For a caller who has proven an account: all workspaces in which the account has an active member,
 * in the order in which they became members.
 */
export async function listWorkspaces(
  { workspaces, members }: ListWorkspacesNeeds,
  caller: Caller,
  input: PageInput,
): Promise<ListedPage<Workspace>> {
  requirePermission(caller, 'workspace:read');
  const { accountId, workspaceId } = caller;
  const list = { name: 'workspaces', accountId, ...(accountId === undefined && { workspaceId }) };
  return readPage({ list, sortedBy: 'number' }, input, async (asked): Promise<Page<Workspace>> => {
    if (accountId === undefined) return onePage(asked, await ownWorkspace(workspaces, caller));
    const active = (await members.listOf(accountId)).filter(({ status }) => status === 'active');
    const sorted = active.toSorted((a, b) => comparePositions(positionOf(a), positionOf(b)));
    const page = pageOfWhole(sorted, asked, positionOf, comparePositions);
    return {
      ...page,
      items: await Promise.all(page.items.map((member) => ownWorkspace(workspaces, member))),
    };
  });
}

/** A list with one item, which is on its first page. */
function onePage<T>({ after }: PageRequest, item: T): Page<T> {
  return { items: after === null ? [item] : [], next: null };
}

function positionOf({ createdAt, workspaceId }: Place): Position {
  return { value: createdAt, id: workspaceId };
}

function comparePositions(one: Position, other: Position): number {
  return Number(one.value) - Number(other.value) || (one.id < other.id ? -1 : Number(one.id > other.id));
}

/** The caller's own workspace. */
export async function ownWorkspace(
  workspaces: WorkspaceStore,
  { workspaceId }: Pick<Caller, 'workspaceId'>,
): Promise<Workspace> {
  const workspace = await workspaces.find(workspaceId);
  if (!workspace) throw new Error(`The workspace ${workspaceId} of a valid credential is missing`);
  return workspace;
}
