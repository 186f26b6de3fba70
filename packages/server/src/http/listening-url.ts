import type { Server } from 'node:http';

const ANY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** The URL of a listening server on its own machine. Throws if the server does not listen. */
export function listeningUrl(server: Server): string {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('The server does not listen on a port');
  const address = ANY_ADDRESS[bound.address] ?? bound.address;
  const host = address.includes(':') ? `[${address}]` : address;
  return `http://${host}:${bound.port}`;
}
