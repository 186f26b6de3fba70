import type { GrantableBody, GrantObstacle, Permission } from '@latchkey/contract';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { latchkey } from './client.ts';
import { useMe } from './queries.ts';

/** What the caller may give to a key of an owner, and why not the rest. */
export interface Grant {
  readonly isLoaded: boolean;
  /** The permissions that the caller and the owner both hold; none until they are loaded. */
  readonly held: ReadonlySet<Permission>;
  /** Why a permission cannot be given; null if it can. */
  readonly reasonFor: (permission: Permission) => string | null;
  /** The reason for all of them together. */
  readonly summary: string;
}

const grantableQuery = (userId: string) =>
  queryOptions({
    queryKey: ['grantable', userId],
    queryFn: async () => (await latchkey.permissions.grantable({ userId })).grantable,
  });

/** As the service decides it when the key is created. */
export function useGrant(ownerId: string): Grant {
  const me = useMe();
  const { data } = useQuery(grantableQuery(ownerId));
  if (!data) return { isLoaded: false, held: new Set(), reasonFor: () => 'Loading', summary: '' };
  const isMe = ownerId === me.userId;
  const obstacles = new Map(data.permissions.map(({ id, notHeldBy }) => [id, notHeldBy]));
  return {
    isLoaded: true,
    held: new Set(data.permissions.filter(({ grantable }) => grantable).map(({ id }) => id)),
    reasonFor(permission) {
      const notHeldBy = obstacles.get(permission) ?? null;
      return notHeldBy === null ? null : reasonText(permission, isMe ? 'caller' : notHeldBy, data);
    },
    summary: isMe
      ? `Your role, ${data.caller.roleName}, does not have them.`
      : `${firstName(data)}’s role, ${data.owner.roleName}, or yours does not have them. A key never holds more than its owner.`,
  };
}

function reasonText(permission: Permission, notHeldBy: GrantObstacle, grantable: GrantableBody): string {
  const { caller, owner } = grantable;
  if (notHeldBy === 'caller') return `Your role, ${caller.roleName}, does not have ${permission}.`;
  if (notHeldBy === 'both') return `Neither you nor ${firstName(grantable)} holds ${permission}.`;
  return `${firstName(grantable)}’s role, ${owner.roleName}, does not have ${permission}. A key never holds more than its owner.`;
}

const firstName = ({ owner }: GrantableBody): string =>
  owner.displayName.split(/\s+/u)[0] ?? owner.displayName;
