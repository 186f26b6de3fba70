import { AppError } from '../shared/app-error.ts';
import { type Caller, permissionDenied } from '../shared/caller.ts';
import type { MemberStore } from './member-store.ts';
import type { OwnedSessions } from './owned-sessions.ts';
import { activeMember } from './visible-member.ts';

/** What it takes to look at a session again. */
export interface SessionStanding {
  readonly members: MemberStore;
  readonly ownedSessions: OwnedSessions;
}

/**
 * Looks again, in the transaction of the change, at a person who calls: where they have signed out, were suspended or
 * removed since they were authenticated it throws SESSION_INVALID, with a token of the identity provider
 * MEMBERSHIP_REQUIRED, and where their role has shrunk PERMISSION_DENIED. A call can be half a minute on its way, and what
 * it made would live on. Callers of other kinds pass.
 */
export async function requireLivingSession(
  { members, ownedSessions }: SessionStanding,
  { kind, workspaceId, userId, sessionId, permissions }: Caller,
): Promise<void> {
  if (kind !== 'session' && kind !== 'token') return;
  const isOpen = sessionId === undefined || (await ownedSessions.isOpen(workspaceId, sessionId));
  const member = await activeMember(members, workspaceId, userId);
  if (!isOpen || !member) throw new AppError(kind === 'session' ? 'SESSION_INVALID' : 'MEMBERSHIP_REQUIRED');
  const lost = [...permissions].filter((permission) => !member.permissions.has(permission));
  if (lost.length > 0) throw permissionDenied(lost);
}
