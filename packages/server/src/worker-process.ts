import type { Socket } from 'node:net';
import type { HttpServer } from './http/server.ts';

/** Milliseconds that the end of a worker may take. */
const CLOSE_MS_MAX = 10_000;

/** The messages between the process that accepts connections and its workers. */
export const READY = 'ready';
export const CONNECTION = 'connection';
export const STOP = 'stop';

/** Which worker a process is, and where the service listens. */
export interface WorkerRole {
  /** From 1 on. A worker that replaces another one has its number. */
  readonly number: number;
  /** As `Service.url`. */
  readonly url: string;
}

/** Lets the server of a worker answer the connections that its parent passes to it. */
export function receiveConnections({ server }: HttpServer): void {
  process.on('message', (message: { [CONNECTION]?: number }, socket) => {
    if (message[CONNECTION] === undefined) return;
    process.send?.(message[CONNECTION]);
    // Null if the client has closed the connection meanwhile.
    if (!socket) return;
    server.emit('connection', socket);
    (socket as Socket).resume();
  });
  // Node starts the time limits of requests when a server listens.
  server.emit('listening');
}

/** Starts a worker, which takes connections from its parent until that says that the worker must stop, or has ended. */
export async function serveParent(start: () => Promise<{ close(): Promise<void> }>): Promise<void> {
  // The parent gets the same signals from a terminal or a service manager, and stops its workers in order.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {});
  // Before the start, since a stop may come meanwhile.
  const stopped = new Promise<void>((resolve) => {
    process.on('message', (message) => {
      if (message === STOP) resolve();
    });
    process.once('disconnect', () => resolve());
  });
  const service = await start();
  process.send?.(READY);
  await stopped;
  setTimeout(() => process.exit(1), CLOSE_MS_MAX).unref();
  await service.close();
  if (process.connected) process.disconnect();
}
