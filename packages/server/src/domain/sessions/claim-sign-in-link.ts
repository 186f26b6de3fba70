import { isToken } from '@latchkey/contract';
import { claimByAddress } from '../access/claim-member.ts';
import { AppError } from '../shared/app-error.ts';
import type { ClientInfo } from '../shared/caller.ts';
import { activeMember } from '../tenancy/member.ts';
import { type OpenedSession, openSessionIn } from './open-session.ts';
import type { SignInLink } from './sign-in-link.ts';
import type { SessionNeeds, SessionStores } from './stores.ts';

/**
 * Signs in with the token of a sign-in link. The link is used up in the transaction that opens the session. A link that only
 * the person could see claims the member for the account of its address, and opens a session of that account. Throws
 * NOT_FOUND, with the same message, for a token that never existed, was used, was replaced or has expired, and when member
 * or key are no longer active; WORKSPACE_SUSPENDED.
 */
export async function claimSignInLink(
  needs: SessionNeeds,
  token: string,
  client: ClientInfo,
): Promise<OpenedSession> {
  if (!isToken('signin', token)) throw linkNotFound();
  return needs.unitOfWork.transact(async (stores) => {
    const now = needs.clock.now();
    const link = await needs.keyring.firstFound(token, (digest) => stores.signInLinks.take(digest, now));
    if (!link) throw linkNotFound();
    const { workspaceId, userId, issuer } = link;
    const accountId = issuer === null ? await accountOf(stores, link, client, needs.clock.now()) : null;
    const entrant = { workspaceId, userId, issuer, accountId };
    return openSessionIn(stores, needs, entrant, client, link.id).catch((error: unknown) => {
      throw error instanceof AppError && error.code === 'USER_NOT_FOUND' ? linkNotFound() : error;
    });
  });
}

/** Claims the link's member for the account of its address, and returns the account. Null if the member is not active. */
async function accountOf(
  stores: SessionStores,
  { workspaceId, userId }: SignInLink,
  client: ClientInfo,
  now: number,
): Promise<string | null> {
  const member = await activeMember(stores.members, workspaceId, userId);
  return member && (await claimByAddress(stores, member, client, now)).accountId;
}

function linkNotFound(): AppError {
  return new AppError('NOT_FOUND', {
    message:
      'This sign-in link is not valid: it was used, was replaced, has expired, or never existed. Ask for a new one',
  });
}
