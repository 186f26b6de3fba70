import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { owesAnswer } from './client-error.ts';

/** Milliseconds after the service began to close: then connections that wait for no answer are cut, and later all. */
const QUIET_MAX_MS = 500;
const DRAIN_MAX_MS = 5_000;

/**
 * Lets no client hold up the end of the service. When a server closes, Node itself ends only the connections that have
 * had an answer and wait for the next request, and drops slow clients no more.
 */
export function drainOnClose(app: FastifyInstance): void {
  const open = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  app.addHook('preClose', async () => {
    const cut = (which: (socket: Socket) => boolean) => () => {
      for (const socket of open) if (which(socket)) socket.destroy();
    };
    setTimeout(
      cut((socket) => !owesAnswer(socket)),
      QUIET_MAX_MS,
    ).unref();
    setTimeout(
      cut(() => true),
      DRAIN_MAX_MS,
    ).unref();
  });
}
