import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { newestAnswer, sendClientError } from './client-error.ts';

/** Milliseconds without one byte, of a body that is to come or of an answer that is to be taken. */
const STALLED_MAX_MS = 8_000;

/**
 * Ends connections on which nothing moves because of the client: it does not send what it has begun, or does not take its
 * answer. Nothing is ended that waits for us. As Node has it, bytes that leave count as movement, so that whoever reads a
 * long answer slowly is left alone. Before the first request of a connection it is Node that watches over its head.
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
