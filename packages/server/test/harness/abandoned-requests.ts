import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Opens a connection and writes the bytes. Errors of the connection are ignored. */
export async function openAndWrite(port: number, bytes: Buffer | string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {}).resume();
  await once(socket, 'connect');
  socket.write(bytes);
  return socket;
}

/** Sends each request on a new connection, `concurrent` of them in parallel, and disconnects after `afterMs`. */
export async function sendAndHangUp(
  port: number,
  requests: readonly Buffer[],
  { concurrent, afterMs }: { readonly concurrent: number; readonly afterMs: number },
): Promise<void> {
  const left = [...requests];
  const next = async (): Promise<void> => {
    for (let bytes = left.pop(); bytes; bytes = left.pop()) {
      const socket = await openAndWrite(port, bytes);
      await delay(afterMs);
      socket.destroy();
    }
  };
  await Promise.all(Array.from({ length: concurrent }, next));
}

/** Opens connections that send a request without the end of its body, one more byte every `everyMs`, until `stop`. */
export async function trickle(
  port: number,
  requests: readonly Buffer[],
  everyMs: number,
): Promise<{ stop(): void }> {
  const sockets = await Promise.all(requests.map((bytes) => openAndWrite(port, bytes)));
  const timer = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write(' ');
  }, everyMs);
  return {
    stop() {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
    },
  };
}
