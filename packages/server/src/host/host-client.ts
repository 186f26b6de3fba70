import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import type { ErrorCode } from '@latchkey/contract';
import type { HostTarget } from '../domain/host/host-target.ts';
import { AppError } from '../domain/shared/app-error.ts';
import type { HostCall } from './host-server.ts';
import { pathProblem } from './socket-file.ts';

const TIMEOUT_MS = 30_000;

/** Error codes of the system if no service listens: it never started, or it was killed. */
const NOT_RUNNING: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTDIR']);

interface Reply<Result> {
  readonly result?: Result;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}

/**
 * Calls the running service over its socket. Null if no service listens. Throws the AppError of the service, or a system
 * error such as EACCES for another user.
 */
export async function askHost<Result>(
  socketPath: string,
  call: HostCall,
  target: HostTarget,
): Promise<Result | null> {
  if (pathProblem(socketPath) !== null) return null;
  const asked = request({ socketPath, path: `/${call}`, method: 'POST', timeout: TIMEOUT_MS });
  asked.once('timeout', () => asked.destroy(new Error('the service does not answer')));
  asked.end(JSON.stringify(target));
  const response = await responseTo(asked);
  if (!response) return null;
  const { result, error } = (await json(response)) as Reply<Result>;
  if (error) throw new AppError(error.code, { message: error.message });
  return result ?? null;
}

async function responseTo(asked: ReturnType<typeof request>): Promise<IncomingMessage | null> {
  try {
    const [response] = await once(asked, 'response');
    return response;
  } catch (error) {
    if (NOT_RUNNING.has((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
