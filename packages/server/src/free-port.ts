import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Config } from './config/config.ts';
import { OperatorError } from './domain/shared/operator-error.ts';

type Address = Pick<Config, 'host' | 'port'>;

const ADVICE: Readonly<Record<string, (address: Address) => string>> = {
  EADDRINUSE: ({ host, port }) =>
    `PORT ${port} of HOST ${host} is in use by another process. Stop that process, or set another PORT (--port)`,
  EADDRNOTAVAIL: ({ host }) =>
    `HOST ${host} is not an address of this machine. Set HOST (--host) to one that is`,
  ENOTFOUND: ({ host }) =>
    `HOST ${host} is not a known name. Set HOST (--host) to an address of this machine`,
  EACCES: ({ port }) => `PORT ${port} is not open to this user. Set a PORT (--port) from 1024 on`,
};

/**
 * Throws OperatorError, naming the setting to change, if the service cannot listen at the address. Binds the port and
 * releases it, so that a first start writes nothing where it could not serve.
 */
export async function requireFreePort({ host, port }: Address): Promise<void> {
  const server = createServer((socket) => socket.destroy());
  try {
    await once(server.listen({ host, port }), 'listening');
  } catch (error) {
    throw listenProblem(error, { host, port });
  }
  server.close();
  await once(server, 'close');
}

/** The OperatorError for an error of listening at the address; the error itself if it is of another kind. */
export function listenProblem(error: unknown, address: Address): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const advice = ADVICE[code];
  return advice ? new OperatorError(`${advice(address)} (${code})`, { cause: error }) : error;
}
