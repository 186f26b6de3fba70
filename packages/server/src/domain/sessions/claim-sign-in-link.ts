import { isToken } from '@latchkey/contract';
import { AppError } from '../shared/app-error.ts';
import type { Origin } from '../shared/caller.ts';
import { claimByAddress } from '../workspaces/claim-member.ts';
import { activeMember } from '../workspaces/visible-member.ts';
import { type OpenedSession, openSessionIn } from './open-session.ts';
import type { SessionNeeds, SessionStores } from './session-stores.ts';
import type { SignInLink } from './sign-in-link.ts';

/**
 * Signs in the holder of a link's token, once: link and session are one change. A link that proves the person claims the
 * member for the account of its address, and opens a session of that account. NOT_FOUND, always alike, for a token
 * that was never given out, was used, replaced or has expired, and where member or key are not what they were;
 * WORKSPACE_SUSPENDED.
 */
export async function claimSignInLink(
  needs: SessionNeeds,
  token: string,
  origin: Origin,
): Promise<OpenedSession> {
  if (!isToken('signin', token)) throw opensNothing();
  return needs.unitOfWork.transact(async (stores) => {
    const link = await stores.signInLinks.take(needs.keyring.digest(token), needs.clock.now());
    if (!link) throw opensNothing();
    const { workspaceId, userId, issuer } = link;
    const accountId = issuer === null ? await accountOf(stores, link, origin, needs.clock.now()) : null;
    const entrant = { workspaceId, userId, issuer, accountId };
    return openSessionIn(stores, needs, entrant, origin, link.id).catch((error: unknown) => {
      throw error instanceof AppError && error.code === 'USER_NOT_FOUND' ? opensNothing() : error;
    });
  });
}

/** The account of the member whom the link proves; the member is claimed for it. Null if there is no active member. */
async function accountOf(
  stores: SessionStores,
  { workspaceId, userId }: SignInLink,
  origin: Origin,
  now: number,
): Promise<string | null> {
  const member = await activeMember(stores.members, workspaceId, userId);
  return member && (await claimByAddress(stores, member, origin, now)).accountId;
}

function opensNothing(): AppError {
  return new AppError('NOT_FOUND', {
    message: 'This sign-in link does not work: it was used, or has expired, or never did',
  });
}
