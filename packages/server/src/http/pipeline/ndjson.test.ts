import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { exchangeOf } from './exchange.ts';
import { sendNdjson } from './ndjson.ts';

test.each([
  ['before the first line', 0],
  ['after it', 1],
])('a client that disconnects %s ends the reading of lines', async (_, sentBefore) => {
  let isReleased = false;
  const server = createServer();
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sent = new Promise<void>((resolve, reject) => {
    server.on('request', (request, response) => {
      async function* lines() {
        try {
          for (let line = 0; ; line += 1) {
            if (line === sentBefore) {
              socket.destroy();
              await once(response, 'close');
            }
            yield `${line}`;
          }
        } finally {
          isReleased = true;
        }
      }
      sendNdjson(exchangeOf(request, response), lines(), {}).then(resolve, reject);
    });
  });
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.resume().write('GET / HTTP/1.1\r\nHost: latchkey\r\n\r\n');
  await sent;
  await expect.poll(() => isReleased).toBe(true);
});
