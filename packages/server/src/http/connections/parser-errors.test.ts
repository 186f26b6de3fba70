import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { AppError } from '../../domain/shared/app-error.ts';
import { answerOnSocket, endConnection } from './parser-errors.ts';

const CLIENTS = 40;
/** Connections whose input is discarded. */
const DISCARDED = 32;
const BODY = Buffer.alloc(2 * 2 ** 20, 'x');
/** A chunk that Node has read before, and one that it reads ahead. */
const READ_AHEAD_MAX = 2 * 2 ** 16;

/** What the server does until it denies the request. */
const DENIALS: readonly [when: string, until: (request: IncomingMessage) => Promise<unknown>][] = [
  [
    'while it is read',
    (request) =>
      once(
        request.on('data', () => {}),
        'data',
      ),
  ],
  ['before it is read', () => new Promise((done) => setImmediate(done))],
];

test.each(DENIALS)(
  'the rest of a body that is denied %s is read from a few connections only: from all others at most 128 KiB more, of which nothing stays in memory, and each client gets its answer',
  async (_when, untilDenied) => {
    const denied: { readonly request: IncomingMessage; readonly bytesBefore: number }[] = [];
    const deny = async (request: IncomingMessage) => {
      await untilDenied(request);
      const { socket } = request;
      endConnection(socket, new AppError('UNAVAILABLE'));
      denied.push({ request, bytesBefore: socket.bytesRead });
    };
    const server = createServer((request) => void deny(request));
    answerOnSocket(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;

    const answers = await Promise.all(Array.from({ length: CLIENTS }, () => sendBody(port)));

    expect(answers.filter((answer) => answer.startsWith('HTTP/1.1 503'))).toHaveLength(CLIENTS);
    await delay(100);
    const unread = denied.filter(
      ({ request, bytesBefore }) => request.socket.bytesRead - bytesBefore <= READ_AHEAD_MAX,
    );
    expect(unread).toHaveLength(CLIENTS - DISCARDED);
    expect(unread.map(({ request }) => request.readableLength)).toEqual(unread.map(() => 0));
  },
);

/** Resolves with the first bytes of the answer. The connection is closed when the test ends. */
async function sendBody(port: number): Promise<string> {
  const socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {});
  onTestFinished(() => void socket.destroy());
  socket.write(`POST / HTTP/1.1\r\nHost: latchkey\r\nContent-Length: ${2 * BODY.length}\r\n\r\n`);
  socket.write(BODY);
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  return bytes.toString('latin1');
}
