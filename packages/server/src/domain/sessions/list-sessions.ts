import type { Caller } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import { type ListedPage, type PageInput, readPage } from '../shared/page.ts';
import type { MemberStore } from '../tenancy/member.ts';
import { requireFullAuthority } from './full-authority.ts';
import { SESSION_IDLE_MS, type Session, type SessionStore } from './session.ts';

export interface ListSessionsNeeds {
  readonly sessions: SessionStore;
  readonly members: MemberStore;
  readonly clock: Clock;
}

/** The open sessions of the caller's user, the newest first. PERMISSION_DENIED for a key that holds less than its owner. */
export async function listSessions(
  { sessions, members, clock }: ListSessionsNeeds,
  caller: Caller,
  input: PageInput,
): Promise<ListedPage<Session>> {
  await requireFullAuthority(members, caller);
  const { workspaceId, userId } = caller;
  const now = clock.now();
  const live = { now, seenAfter: now - SESSION_IDLE_MS };
  const order = { list: { name: 'sessions', workspaceId, userId }, sortedBy: 'number' } as const;
  return readPage(order, input, (page) => sessions.listLive(workspaceId, userId, live, page));
}
