import { type OpenedSession, openSession } from '../sessions/open-session.ts';
import type { SessionNeeds } from '../sessions/stores.ts';
import type { Origin } from '../shared/caller.ts';
import type { Identity } from './identity.ts';
import { type MemberOfIdentityNeeds, memberOfIdentity } from './member-of-identity.ts';

export type SignInNeeds = MemberOfIdentityNeeds & SessionNeeds;

/** Opens a session for the member of the identity. Throws the errors of `memberOfIdentity` and `openSession`. */
export async function signIn(needs: SignInNeeds, identity: Identity, origin: Origin): Promise<OpenedSession> {
  const { workspaceId, id: userId, accountId } = await memberOfIdentity(needs, identity, origin);
  return openSession(needs, { workspaceId, userId, accountId }, origin);
}
