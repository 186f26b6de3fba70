import { CURRENT_SESSION } from '@latchkey/contract';
import { changeAuthorized } from '../access/authorized-change.ts';
import { recordChange } from '../audit/record-change.ts';
import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import { requireFullAuthority } from './full-authority.ts';
import { isSessionOver, type Session, sessionFacts } from './session.ts';
import type { SessionNeeds } from './stores.ts';

/**
 * Ends a session of the caller's user permanently; `current` is the caller's own. Throws NOT_FOUND for a session that has
 * ended or is of another user; PERMISSION_DENIED for a key that holds less than its owner.
 */
export async function endSession(needs: SessionNeeds, caller: Caller, sessionId: string): Promise<Session> {
  const id = sessionId === CURRENT_SESSION ? caller.sessionId : sessionId;
  return changeAuthorized(needs, caller, [], async ({ sessions, members, audit }, caller, now) => {
    // A session can always end itself, whatever its user's role is now.
    if (id !== caller.sessionId) await requireFullAuthority(members, caller);
    const all = await sessions.list(caller.workspaceId, caller.userId);
    const session = all.find((one) => one.id === id && !isSessionOver(one, now));
    if (!session) throw new AppError('NOT_FOUND', { message: `No session ${sessionId}` });
    await sessions.remove(session.workspaceId, session.userId, session.id);
    const target = { kind: 'session', id: session.id } as const;
    const change = {
      eventType: 'session.ended',
      target,
      before: sessionFacts(session),
      after: null,
    } as const;
    await recordChange(audit, caller, change, now);
    return session;
  });
}
