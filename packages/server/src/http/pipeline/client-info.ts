import type { IncomingMessage } from 'node:http';
import { redactSecrets } from '@latchkey/contract';
import type { ClientInfo } from '../../domain/shared/caller.ts';
import type { TrustedProxies } from '../connections/trusted-proxies.ts';

const AGENT_LENGTH_MAX = 200;

/** The client address, user agent and id of a request. Secrets in the user agent are redacted. */
export function clientInfoOf(
  request: IncomingMessage,
  requestId: string,
  proxies: TrustedProxies,
): ClientInfo {
  const agent = request.headers['user-agent'];
  return {
    address: proxies.clientOf(request),
    agent: agent === undefined ? null : redactSecrets(agent).slice(0, AGENT_LENGTH_MAX),
    requestId,
  };
}
