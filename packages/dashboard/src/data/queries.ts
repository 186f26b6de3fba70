import type { MemberBody, Permission, RoleBody, WorkspaceBody } from '@latchkey/contract';
import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { latchkey } from './client.ts';

const MINUTE_MS = 60_000;

/** The person who is signed in, and what the session may do. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async () => (await latchkey.me()).caller,
  staleTime: MINUTE_MS,
});

/** The caller. Only below the shell, which loads it first. */
export function useMe() {
  const { data } = useSuspenseQuery(meQuery);
  return { ...data, may: (permission: Permission) => data.permissions.includes(permission) };
}

export const workspacesQuery = queryOptions({
  queryKey: ['workspaces'],
  queryFn: async (): Promise<readonly WorkspaceBody[]> => (await latchkey.workspaces.list()).workspaces,
  staleTime: MINUTE_MS,
});

/** The workspace of the session; undefined until it is loaded, or if the role may not read it. */
export function useWorkspace(): WorkspaceBody | undefined {
  const me = useMe();
  const { data } = useQuery({ ...workspacesQuery, enabled: me.may('workspace:read') });
  return data?.find(({ id }) => id === me.workspaceId);
}

const all = async <Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> => {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
};

export const membersQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: ['members', workspaceId],
    queryFn: () => all<MemberBody>(latchkey.members.listAll(workspaceId)),
    staleTime: MINUTE_MS,
  });

/** Every member of the workspace; empty until they are loaded, or if the role may not read them. */
export function useMembers(): readonly MemberBody[] {
  const me = useMe();
  const { data } = useQuery({ ...membersQuery(me.workspaceId), enabled: me.may('members:read') });
  return data ?? [];
}

export const rolesQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: ['roles', workspaceId],
    queryFn: () => all<RoleBody>(latchkey.roles.listAll(workspaceId)),
    staleTime: MINUTE_MS,
  });

/** Every role of the workspace; empty until they are loaded, or if the role may not read them. */
export function useRoles(): readonly RoleBody[] {
  const me = useMe();
  const { data } = useQuery({ ...rolesQuery(me.workspaceId), enabled: me.may('roles:read') });
  return data ?? [];
}

/** The permissions of the service, in their order. */
export const catalogueQuery = queryOptions({
  queryKey: ['catalogue'],
  queryFn: async () => (await latchkey.permissions.list()).permissions,
  staleTime: Number.POSITIVE_INFINITY,
});

/** The keys that a list must show again after any change to keys. */
export const KEYS = ['keys'] as const;
