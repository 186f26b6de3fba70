import type { Caller } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import type { MemberStore } from '../workspaces/member-store.ts';
import { isSessionOver, type Session } from './session.ts';
import type { SessionStore } from './session-store.ts';
import { requireStandingIn } from './standing-in.ts';

export interface ListSessionsNeeds {
  readonly sessions: SessionStore;
  readonly members: MemberStore;
  readonly clock: Clock;
}

/** Where the caller's user is signed in to this workspace now, the newest first. PERMISSION_DENIED for a weaker key. */
export async function listSessions(
  { sessions, members, clock }: ListSessionsNeeds,
  caller: Caller,
): Promise<Session[]> {
  await requireStandingIn(members, caller);
  const now = clock.now();
  const all = await sessions.list(caller.workspaceId, caller.userId);
  return all.filter((session) => !isSessionOver(session, now));
}
