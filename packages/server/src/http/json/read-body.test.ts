import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { readAnswers } from '../../../test/harness/raw-http.ts';
import { answerOnSocket } from '../connections/parser-errors.ts';
import { BodyBudget } from '../load/body-budget.ts';
import { readBody } from './read-body.ts';

const LIMIT_BYTES = 1_000;

/** A server that reads bodies within a budget of two bodies of the largest size, and keeps them. */
async function startServer(): Promise<number> {
  const budget = new BodyBudget({ bytesMax: 10 * LIMIT_BYTES, bytesOfClassMax: 2 * LIMIT_BYTES });
  const server = createServer((request, response) => {
    const reading = { budget, className: 'one', limitBytes: LIMIT_BYTES };
    readBody(request, reading).then(
      ({ bytes }) => response.end(JSON.stringify(bytes.length)),
      () => {},
    );
  });
  answerOnSocket(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

function send(port: number, announced: number, sent: number) {
  const socket = connect(port, '127.0.0.1');
  socket.write(
    `POST / HTTP/1.1\r\nHost: latchkey\r\nContent-Length: ${announced}\r\n\r\n${'x'.repeat(sent)}`,
  );
  return readAnswers(socket, 1);
}

test('a body for which the budget has no room is denied before a byte of it has arrived; a smaller one is read', async () => {
  const port = await startServer();
  expect(await send(port, 900, 900)).toMatchObject([{ status: 200, body: 900 }]);
  expect(await send(port, 900, 900)).toMatchObject([{ status: 200, body: 900 }]);
  expect(await send(port, 300, 0)).toMatchObject([
    { status: 503, body: { data: { error: { code: 'UNAVAILABLE' } } } },
  ]);
  expect(await send(port, 100, 100)).toMatchObject([{ status: 200, body: 100 }]);
});
