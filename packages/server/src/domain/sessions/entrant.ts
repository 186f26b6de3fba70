import type { Permission } from '@latchkey/contract';
import { AppError } from '../shared/app-error.ts';
import type { Member } from '../workspaces/member.ts';
import { isOver } from '../workspaces/standing.ts';
import { activeMember } from '../workspaces/visible-member.ts';
import { workspaceStatus } from '../workspaces/workspace.ts';
import type { SessionStores } from './session-stores.ts';

/** Who is, or wants to be, signed in, and through which key. */
export interface Entrant {
  readonly workspaceId: string;
  readonly userId: string;
  /** The session ends with this key; left out or null: it hangs on none. */
  readonly keyId?: string | null;
}

/** What decides whether somebody may be signed in. */
export type StandingStores = Pick<SessionStores, 'workspaces' | 'members' | 'ownedKeys'>;

/**
 * The member, as long as they may be signed in: workspace and member are active and the key, if there is one, could be
 * used. Through a key nobody ever has more than it holds, however their role grows. Null where not; WORKSPACE_SUSPENDED.
 */
export async function presentMember(
  { workspaces, members, ownedKeys }: StandingStores,
  { workspaceId, userId, keyId = null }: Entrant,
  now: number,
): Promise<Member | null> {
  const member = await activeMember(members, workspaceId, userId);
  const workspace = await workspaces.find(workspaceId);
  if (!member || !workspace || workspaceStatus(workspace) === 'deleted') return null;
  if (workspaceStatus(workspace) === 'suspended') throw new AppError('WORKSPACE_SUSPENDED');
  if (keyId === null) return member;
  const key = await ownedKeys.calling(workspaceId, keyId);
  return key && !isOver(key, now)
    ? { ...member, permissions: both(member.permissions, key.permissions) }
    : null;
}

function both(given: ReadonlySet<Permission>, held: ReadonlySet<Permission>): ReadonlySet<Permission> {
  return new Set([...given].filter((permission) => held.has(permission)));
}
