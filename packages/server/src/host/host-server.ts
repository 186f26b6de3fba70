import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ERRORS } from '@latchkey/contract';
import type { Logger } from 'pino';
import type { HostTarget } from '../domain/host/host-target.ts';
import { AppError } from '../domain/shared/app-error.ts';

const BODY_BYTES_MAX = 4_096;

/** Calls that a user of the host may make without a credential. Each returns JSON. */
export type HostCalls = Readonly<
  Record<'recover' | 'sign-in' | 'system' | 'pepper', (target: HostTarget) => Promise<object>>
>;

export type HostCall = keyof HostCalls;

/**
 * Answers `POST /<name of the call>` with `{ result }` or `{ error: { code, message } }`. A GET goes to `answerGet`. It does not
 * listen yet.
 */
export function hostServer(
  calls: HostCalls,
  logger: Logger,
  answerGet: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  return createServer((request, response) => {
    if (request.method === 'GET') return answerGet(request, response);
    void answer(calls, request)
      .then((result) => send(response, 200, { result }))
      .catch((error: unknown) => sendError(response, error, logger));
  });
}

async function answer(calls: HostCalls, request: IncomingMessage): Promise<object> {
  const name = request.url?.slice(1) ?? '';
  if (request.method !== 'POST' || !isCall(calls, name)) throw new AppError('ROUTE_NOT_FOUND');
  return calls[name](targetOf(await bodyOf(request)));
}

function isCall(calls: HostCalls, name: string): name is HostCall {
  return Object.hasOwn(calls, name);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > BODY_BYTES_MAX) throw new AppError('BODY_TOO_LARGE');
  }
  return text;
}

function targetOf(body: string): HostTarget {
  try {
    const { workspaceId, userId }: Record<string, unknown> = JSON.parse(body);
    return { workspaceId: textOf(workspaceId), userId: textOf(userId) };
  } catch {
    throw new AppError('JSON_INVALID');
  }
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value);
}

function sendError(response: ServerResponse, error: unknown, logger: Logger): void {
  const isKnown = error instanceof AppError;
  if (!isKnown) logger.error({ err: error }, 'a call from the host failed');
  const { code, message } = isKnown ? error : new AppError('INTERNAL');
  send(response, ERRORS[code].status, { error: { code, message } });
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' });
  response.end(JSON.stringify(body));
}
