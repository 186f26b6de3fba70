import type { IncomingMessage } from 'node:http';
import { type Endpoint, needsAccount, WORKSPACE_HEADER } from '@latchkey/contract';
import { type AccountHolder, holderOfSession } from '../../domain/identity/account-holder.ts';
import { looksLikeJwt } from '../../domain/identity/authenticator.ts';
import { authenticateSession } from '../../domain/sessions/authenticate-session.ts';
import { AppError } from '../../domain/shared/app-error.ts';
import type { Caller, ClientInfo } from '../../domain/shared/caller.ts';
import type { Services } from '../pipeline/services.ts';
import { credentialOf } from './credentials.ts';
import { requireOwnOrigin } from './csrf.ts';

export type WhoCallsNeeds = Pick<
  Services,
  'authenticator' | 'credentials' | 'keyring' | 'clock' | 'publicUrl' | 'trustedProxies'
>;

/**
 * Authenticates the caller by the credential of a request. Throws the error of authentication, or PERMISSION_DENIED if the
 * request names a workspace to which the credential does not belong.
 */
export async function whoCalls(
  needs: WhoCallsNeeds,
  request: IncomingMessage,
  client: ClientInfo,
): Promise<Caller> {
  const { kind, token } = credentialOf(request);
  const named = namedWorkspace(request);
  const caller =
    kind === 'bearer'
      ? await needs.authenticator.authenticate(token, client, named)
      : await sessionCaller(needs, request, token, client);
  return requireNamed(caller, named);
}

/** The workspace that the request names for its credential; null: none. */
function namedWorkspace({ headers }: IncomingMessage): string | null {
  const value = headers[WORKSPACE_HEADER.toLowerCase()];
  return typeof value === 'string' ? value : null;
}

/** Returns the caller. Throws PERMISSION_DENIED if the request names another workspace. */
function requireNamed(caller: Caller, named: string | null): Caller {
  if (named === null || named === caller.workspaceId) return caller;
  throw new AppError('PERMISSION_DENIED', {
    message: `${WORKSPACE_HEADER} must be the workspace of the credential`,
  });
}

/** Authenticates the caller of a session. Throws ORIGIN_REFUSED for calls from other origins, or the session's error. */
function sessionCaller(
  { credentials, keyring, clock, publicUrl }: WhoCallsNeeds,
  request: IncomingMessage,
  token: string,
  client: ClientInfo,
): Promise<Caller> {
  requireOwnOrigin(request, publicUrl());
  return authenticateSession({ ...credentials, keyring, clock }, token, client);
}

/**
 * The owner of the account that the credential proves, for endpoints where an account is required or optional. Where it is
 * optional, a credential that proves no account is ignored, but an invalid token of the provider is denied.
 */
export async function accountHolder(
  endpoint: Endpoint,
  needs: WhoCallsNeeds,
  request: IncomingMessage,
  client: ClientInfo,
): Promise<AccountHolder | null> {
  if (needsAccount(endpoint)) return requiredHolder(needs, request, client);
  return endpoint.accountOptional ? optionalHolder(needs, request, client) : null;
}

async function requiredHolder(
  needs: WhoCallsNeeds,
  request: IncomingMessage,
  client: ClientInfo,
): Promise<AccountHolder> {
  const { kind, token } = credentialOf(request);
  if (kind === 'bearer') return needs.authenticator.holderOf(token, client);
  return holderOfSession(await sessionCaller(needs, request, token, client));
}

const NO_ACCOUNT: readonly string[] = ['CREDENTIALS_MISSING', 'SESSION_INVALID', 'PERMISSION_DENIED'];

async function optionalHolder(
  needs: WhoCallsNeeds,
  request: IncomingMessage,
  client: ClientInfo,
): Promise<AccountHolder | null> {
  try {
    const { kind, token } = credentialOf(request);
    if (kind === 'bearer' && !looksLikeJwt(token)) return null;
    return await requiredHolder(needs, request, client);
  } catch (error) {
    if (error instanceof AppError && NO_ACCOUNT.includes(error.code)) return null;
    throw error;
  }
}

/** The parts of a request that may name a workspace, each checked against its schema. */
interface Named {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
}

/** Errors for another workspace: not found if the path names it, denied if the body or query does. */
export function requireOwnWorkspace({ params, body, query }: Named, caller: Caller): void {
  const inPath = workspaceIn(params) ?? caller.workspaceId;
  if (inPath !== caller.workspaceId) throw new AppError('NOT_FOUND', { message: `No workspace ${inPath}` });
  for (const named of [workspaceIn(body), workspaceIn(query)]) {
    if (named !== undefined && named !== caller.workspaceId) {
      throw new AppError('PERMISSION_DENIED', {
        message: 'workspaceId must be the workspace of the credential',
      });
    }
  }
}

function workspaceIn(part: unknown): string | undefined {
  return (part as { workspaceId?: string } | undefined)?.workspaceId;
}
