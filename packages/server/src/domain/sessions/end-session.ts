import { CURRENT_SESSION } from '@latchkey/contract';
import { recordChange } from '../audit/record-change.ts';
import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import { changeAs } from '../workspaces/change-as.ts';
import { isSessionOver, type Session, sessionFacts } from './session.ts';
import type { SessionNeeds } from './session-stores.ts';
import { requireStandingIn } from './standing-in.ts';

/**
 * Ends a session of the caller's user for ever; `current` is the caller's own. NOT_FOUND for one that is over, or of
 * somebody else; PERMISSION_DENIED for a key that is weaker than its owner.
 */
export async function endSession(needs: SessionNeeds, caller: Caller, sessionId: string): Promise<Session> {
  const id = sessionId === CURRENT_SESSION ? caller.sessionId : sessionId;
  return changeAs(needs, caller, [], async ({ sessions, members, audit }, caller, now) => {
    // Whoever is signed in can sign out, whatever their role has become.
    if (id !== caller.sessionId) await requireStandingIn(members, caller);
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
