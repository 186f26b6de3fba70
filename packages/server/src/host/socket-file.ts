import { once } from 'node:events';
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { OperatorError } from '../domain/shared/operator-error.ts';

/** Bytes of the path of a unix socket: `sun_path` without the zero at its end, on Linux and elsewhere. */
const PATH_BYTES_MAX = process.platform === 'linux' ? 107 : 103;

/** Where the service in this data folder listens for users of the host. */
export function hostSocketPath(dataDir: string): string {
  return join(dataDir, 'host.sock');
}

/** Null if a unix socket can have this path; else what is wrong with it, in one line. */
export function pathProblem(path: string): string | null {
  const bytes = Buffer.byteLength(path);
  if (bytes <= PATH_BYTES_MAX) return null;
  return `the path ${path} has ${bytes} bytes, and that of a unix socket at most ${PATH_BYTES_MAX}. Use a shorter path to the data folder, such as a symbolic link`;
}

/**
 * Lets the server listen on a unix socket that only the user of the service can open. A socket that a killed service has
 * left behind is replaced. OperatorError if the path is too long, or another process listens there.
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

/** Binds in the same tick, so that the socket is never open to others: not even before its mode is set. */
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
