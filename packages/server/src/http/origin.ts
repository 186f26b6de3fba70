import type { IncomingMessage } from 'node:http';
import { redactSecrets } from '@latchkey/contract';
import type { Origin } from '../domain/shared/caller.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

const AGENT_LENGTH_MAX = 200;

/** Where a request comes from. Whatever looks like a key in what the client says of itself is left out. */
export function originOf(request: IncomingMessage, requestId: string, proxies: TrustedProxies): Origin {
  const agent = request.headers['user-agent'];
  return {
    address: proxies.clientOf(request),
    agent: agent === undefined ? null : redactSecrets(agent).slice(0, AGENT_LENGTH_MAX),
    requestId,
  };
}
