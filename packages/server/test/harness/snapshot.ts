import type { TestService } from './test-service.ts';

/** All stored data of the owner's workspace except when keys were used, to check that a denied call changed nothing. */
export async function snapshot({ storage, owner }: TestService): Promise<unknown> {
  const { workspaceId, userId } = owner;
  const { keys, workspaces, roles, members, invitations, sessions } = storage;
  const page = { sortBy: 'createdAt', sortOrder: 'asc', limit: 10_000, offset: 0, after: null } as const;
  const { items: living } = await keys.list(workspaceId, {}, page, 0);
  const { items: revoked } = await keys.list(workspaceId, { status: 'revoked' }, page, 0);
  return {
    keys: [...living, ...revoked].map(({ lastUsedAt: _, ...key }) => key),
    workspace: await workspaces.find(workspaceId),
    roles: await roles.list(workspaceId),
    members: (await members.list(workspaceId, page)).items,
    invitations: (await invitations.list(workspaceId, page)).items,
    sessions: await sessions.list(workspaceId, userId),
  };
}
