import type { IncomingHttpHeaders } from 'node:http';
import { redactSecrets } from '@latchkey/contract';
import type { Origin } from '../domain/shared/caller.ts';

const AGENT_LENGTH_MAX = 200;

/** What of a request says where it comes from. */
interface Sent {
  readonly ip: string;
  readonly headers: IncomingHttpHeaders;
  readonly id: string;
}

/** Where a request comes from. Whatever looks like a key in what the client says of itself is left out. */
export function originOf(request: Sent): Origin {
  const agent = request.headers['user-agent'];
  return {
    // An IPv4 client of a socket that takes both kinds is written as one (RFC 4291, section 2.5.5.2).
    address: request.ip.replace(/^::ffff:(?=\d+\.)/i, ''),
    agent: agent === undefined ? null : redactSecrets(agent).slice(0, AGENT_LENGTH_MAX),
    requestId: request.id,
  };
}
