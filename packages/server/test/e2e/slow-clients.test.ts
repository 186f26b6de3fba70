import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type ListeningService, startListeningService } from '../harness/listening-service.ts';

const IDLE = 2_000;
/** Enough responses to fill every buffer between the service and a client that reads none of them. */
const UNREAD = 4_000;

let service: ListeningService;

beforeAll(async () => {
  service = await startListeningService();
});
afterAll(() => service.close());

function aConnection(): Socket {
  const socket = connect(service.port, '127.0.0.1');
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** Of the side of the service. */
async function untilConnections(count: number): Promise<void> {
  for (;;) {
    const open = await new Promise<number>((resolve, reject) => {
      service.app.server.getConnections((error, number) => (error ? reject(error) : resolve(number)));
    });
    if (open === count) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function create(): Buffer {
  return service.bytes({
    method: 'POST',
    target: '/api/v2/api-keys',
    body: JSON.stringify({ name: 'slow', userId: service.owner.userId }),
  });
}

test('a client that does not read its responses is disconnected', async () => {
  const socket = aConnection();
  await untilConnections(1);
  const request = service.bytes({ target: '/api/v2/permissions' });
  for (let count = 0; count < UNREAD; count++) socket.write(request);
  await untilConnections(0);
});

test(`${IDLE} connections that send nothing, or only the start of a request, do not block other requests and are closed`, async () => {
  const sockets = Array.from({ length: IDLE }, aConnection);
  await Promise.all(
    sockets.map((socket) => new Promise<void>((done) => socket.once('connect', () => done()))),
  );
  sockets.forEach((socket, index) => {
    if (index % 2 === 0) socket.write(create().subarray(0, 40));
  });
  expect((await service.request()).status).toBe(200);
  await untilConnections(0);
});
