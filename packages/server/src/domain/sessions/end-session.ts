import { CURRENT_SESSION } from '@latchkey/contract';
import { recordChange } from '../audit/record-change.ts';
import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import { listSessions } from './list-sessions.ts';
import { type Session, sessionFacts } from './session.ts';
import type { SessionNeeds } from './session-stores.ts';

/**
 * Ends a session of the caller's user for ever; `current` is the caller's own. NOT_FOUND for one that is over, or of
 * somebody else; PERMISSION_DENIED for a key that is weaker than its owner.
 */
export async function endSession(
  { unitOfWork, clock }: SessionNeeds,
  caller: Caller,
  sessionId: string,
): Promise<Session> {
  const id = sessionId === CURRENT_SESSION ? caller.sessionId : sessionId;
  return unitOfWork.transact(async ({ sessions, members, audit }) => {
    const mine = await listSessions({ sessions, members, clock }, caller);
    const session = mine.find((one) => one.id === id);
    if (!session) throw new AppError('NOT_FOUND', { message: `No session ${sessionId}` });
    await sessions.remove(session.workspaceId, session.userId, session.id);
    const target = { kind: 'session', id: session.id } as const;
    const change = {
      eventType: 'session.ended',
      target,
      before: sessionFacts(session),
      after: null,
    } as const;
    await recordChange(audit, caller, change, clock.now());
    return session;
  });
}
