import type { IncomingMessage } from 'node:http';
import { authenticateSession } from '../domain/sessions/authenticate-session.ts';
import type { Caller, Origin } from '../domain/shared/caller.ts';
import { credentialOf } from './credentials.ts';
import { requireOwnOrigin } from './own-origin.ts';
import type { Services } from './services.ts';

export type WhoCallsNeeds = Pick<
  Services,
  'authenticator' | 'credentials' | 'keyring' | 'clock' | 'publicUrl' | 'trustedProxies'
>;

/** The caller that holds the credential of a request; throws the denial. */
export async function whoCalls(
  { authenticator, credentials, keyring, clock, publicUrl }: WhoCallsNeeds,
  request: IncomingMessage,
  origin: Origin,
): Promise<Caller> {
  const { kind, token } = credentialOf(request);
  if (kind === 'bearer') return authenticator.authenticate(token, origin);
  requireOwnOrigin(request, publicUrl());
  return authenticateSession({ ...credentials, keyring, clock }, token, origin);
}
