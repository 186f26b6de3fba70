import type { IncomingMessage } from 'node:http';
import { type Endpoint, needsAccount } from '@latchkey/contract';
import { type AccountHolder, holderOfSession } from '../domain/identity/account-holder.ts';
import { looksLikeJwt } from '../domain/identity/token-look.ts';
import { AppError } from '../domain/shared/app-error.ts';
import type { Origin } from '../domain/shared/caller.ts';
import { sessionCaller, type WhoCallsNeeds } from './pipeline/caller.ts';
import { credentialOf } from './pipeline/credentials.ts';

/**
 * The owner of the account that the credential proves, for endpoints where an account is required or optional. Where it is
 * optional, a credential that proves no account is ignored, but an invalid token of the provider is denied.
 */
export async function accountHolder(
  endpoint: Endpoint,
  needs: WhoCallsNeeds,
  request: IncomingMessage,
  origin: Origin,
): Promise<AccountHolder | null> {
  if (needsAccount(endpoint)) return requiredHolder(needs, request, origin);
  return endpoint.accountOptional ? optionalHolder(needs, request, origin) : null;
}

async function requiredHolder(
  needs: WhoCallsNeeds,
  request: IncomingMessage,
  origin: Origin,
): Promise<AccountHolder> {
  const { kind, token } = credentialOf(request);
  if (kind === 'bearer') return needs.authenticator.holderOf(token, origin);
  return holderOfSession(await sessionCaller(needs, request, token, origin));
}

const NO_ACCOUNT: readonly string[] = ['CREDENTIALS_MISSING', 'SESSION_INVALID', 'PERMISSION_DENIED'];

async function optionalHolder(
  needs: WhoCallsNeeds,
  request: IncomingMessage,
  origin: Origin,
): Promise<AccountHolder | null> {
  try {
    const { kind, token } = credentialOf(request);
    if (kind === 'bearer' && !looksLikeJwt(token)) return null;
    return await requiredHolder(needs, request, origin);
  } catch (error) {
    if (error instanceof AppError && NO_ACCOUNT.includes(error.code)) return null;
    throw error;
  }
}
