import { isToken } from '@latchkey/contract';
import { AppError } from '../shared/app-error.ts';
import type { Origin } from '../shared/caller.ts';
import { type OpenedSession, openSessionIn } from './open-session.ts';
import type { SessionNeeds } from './session-stores.ts';

/**
 * Signs in whoever holds the token of a link, once: link and session are one change. NOT_FOUND, always alike, for a token
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
    return openSessionIn(stores, needs, link, origin, link.id).catch((error: unknown) => {
      throw error instanceof AppError && error.code === 'USER_NOT_FOUND' ? opensNothing() : error;
    });
  });
}

function opensNothing(): AppError {
  return new AppError('NOT_FOUND', {
    message: 'This sign-in link does not work: it was used, or has expired, or never did',
  });
}
