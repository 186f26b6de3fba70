import type { Catalogue } from '@latchkey/contract';
import { type Caller, NO_CLIENT, UNBOUNDED } from './caller.ts';

/** The caller of a command on the host, acting for an owner who does not have a credential yet. */
export function operator(
  { systemRoles }: Catalogue,
  { workspaceId, userId }: Pick<Caller, 'workspaceId' | 'userId'>,
  agent: string | null = null,
): Caller {
  const permissions = new Set(systemRoles.Owner.permissions);
  const client = { ...NO_CLIENT, agent };
  return { kind: 'operator', workspaceId, userId, keyId: null, permissions, bounds: UNBOUNDED, client };
}
