import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { newestAnswer, sendClientError } from './parser-errors.ts';

/** Milliseconds without a byte sent or received, while a body or an answer is incomplete. */
const STALLED_MAX_MS = 8_000;

/**
 * Closes connections that are stalled by the client: it does not send the rest of a body, or does not read its
 * answer. Connections that wait for the service stay open. Sent bytes count as activity (Node's socket timeout), so a client
 * that reads a long answer slowly is not disconnected. Until a request's head is complete, Node's own timeouts apply.
 */
export function dropSlowClients(server: Server): void {
  server.setTimeout(STALLED_MAX_MS);
  server.on('timeout', (socket: Socket) => {
    const answer = newestAnswer(socket);
    if (!answer) return;
    const { complete } = answer.req;
    if (answer.writableFinished || socket.writableLength > 0) socket.destroy();
    else if (complete) socket.setTimeout(STALLED_MAX_MS);
    else sendClientError(Object.assign(new Error(), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket);
  });
}
