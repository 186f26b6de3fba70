import type { IncomingMessage } from 'node:http';
import { authenticateSession } from '../../domain/sessions/authenticate-session.ts';
import type { Caller, Origin } from '../../domain/shared/caller.ts';
import { credentialOf } from './credentials.ts';
import { requireOwnOrigin } from './csrf.ts';
import type { Services } from './services.ts';
import { namedWorkspace, requireNamed } from './workspace-guard.ts';

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
  origin: Origin,
): Promise<Caller> {
  const { kind, token } = credentialOf(request);
  const named = namedWorkspace(request);
  const caller =
    kind === 'bearer'
      ? await needs.authenticator.authenticate(token, origin, named)
      : await sessionCaller(needs, request, token, origin);
  return requireNamed(caller, named);
}

/** Authenticates the caller of a session. Throws ORIGIN_REFUSED for calls from other origins, or the session's error. */
export function sessionCaller(
  { credentials, keyring, clock, publicUrl }: WhoCallsNeeds,
  request: IncomingMessage,
  token: string,
  origin: Origin,
): Promise<Caller> {
  requireOwnOrigin(request, publicUrl());
  return authenticateSession({ ...credentials, keyring, clock }, token, origin);
}
