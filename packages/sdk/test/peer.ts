import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

type Reply = (response: ServerResponse, attempt: number) => void;

/** Starts an HTTP server that responds as the test specifies. It stops when the test ends. */
export async function startPeer(reply: Reply): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = (await request.toArray()).join('');
    const { method = '', url: path = '', headers } = request;
    received.push({ method, path, headers, body: text === '' ? undefined : JSON.parse(text) });
    reply(response, received.length);
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

/** The URL of a port on which no server listens. */
export async function abandonedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

export function replyJson(body: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
    response.end(JSON.stringify(body));
  };
}

export function success(result: unknown, message = 'Done') {
  return { success: true, data: { message, result } };
}

export function failure(code: string, retryable = false) {
  const error = {
    code,
    details: [{ field: 'name', message: 'is odd' }],
    requestId: 'req_1',
    retryable,
  };
  return { success: false, data: { message: `It is ${code}`, error } };
}

export const apiKey = {
  id: 'key_1',
  key: 'lk_live_…0001',
  workspaceId: 'ws_1',
  userId: 'usr_1',
  name: 'Billing worker',
  isActive: true,
  createdAt: '2026-11-23T09:30:00.000Z',
  lastUsedAt: null,
  expiresAt: null,
  rateLimit: { requestsPerMinute: null, requestsPerDay: null },
  permissions: ['agents:read'],
  creator: { id: 'usr_1', email: 'owner@example.com', displayName: 'Owner' },
  createdBy: { kind: 'key', userId: 'usr_1', keyId: 'key_0' },
  revokedAt: null,
  revokedReason: null,
  status: 'active',
  use: 'api',
};

export const verdict = {
  valid: true,
  code: 'VALID',
  apiKey,
  rateLimit: {
    requestsPerMinute: null,
    requestsPerDay: null,
    remainingThisMinute: null,
    remainingToday: null,
    retryAfterSeconds: null,
  },
};

export const caller = { kind: 'key', userId: 'usr_1', workspaceId: 'ws_1', permissions: [], keyId: 'key_1' };
