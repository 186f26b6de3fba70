import { once } from 'node:events';
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { OperatorError } from '../domain/shared/operator-error.ts';

/** The most bytes in the path of a unix socket: `sun_path` without its final zero, on Linux and on other systems. */
const PATH_BYTES_MAX = process.platform === 'linux' ? 107 : 103;

/** The socket in this data folder on which the service listens for users of the host. */
export function hostSocketPath(dataDir: string): string {
  return join(dataDir, 'host.sock');
}

/** Null if the path is valid for a unix socket; else the problem, in one line. */
export function pathProblem(path: string): string | null {
  const bytes = Buffer.byteLength(path);
  if (bytes <= PATH_BYTES_MAX) return null;
  return `the path ${path} has ${bytes} bytes, and that of a unix socket at most ${PATH_BYTES_MAX}. Use a shorter path to the data folder, such as a symbolic link`;
}

/**
 * Lets the server listen on a unix socket that only the user of the service can open. Replaces the stale socket of a killed
 * service. Throws OperatorError if the path is too long, or another process listens on it.
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  const problem = pathProblem(path);
  if (problem !== null) throw new OperatorError(problem);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (await isAnswered(path)) throw new OperatorError(`another process listens at ${path}`);
  rmSync(path, { force: true });
  bind(server, path);
  await once(server, 'listening');
}

/** Binds and sets the mode in the same tick, so that other users can never open the socket. */
function bind(server: Server, path: string): void {
  const mask = process.umask(0o077);
  try {
    server.listen(path);
    chmodSync(path, 0o600);
  } finally {
    process.umask(mask);
  }
}

/** Does a process listen on the socket? */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.end();
  });
}
