import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ListeningService, startListeningService } from '../harness/listening-service.ts';
import { rawViolations, readAnswers } from '../harness/raw-http.ts';

const KEYS = '/api/v2/api-keys';

let service: ListeningService;
let socket: Socket;

beforeEach(async () => {
  service = await startListeningService();
  socket = connect(service.port, '127.0.0.1');
  socket.on('error', () => {});
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
});
afterEach(() => {
  socket.destroy();
});

async function secondsToClose(): Promise<number> {
  const started = performance.now();
  await service.close();
  return (performance.now() - started) / 1_000;
}

function create(): Buffer {
  return service.bytes({
    method: 'POST',
    target: KEYS,
    body: JSON.stringify({ name: 'last', userId: service.owner.userId }),
  });
}

/** Resolves when the service has received a request on a connection. */
async function untilRequested(): Promise<void> {
  await new Promise<void>((resolve) => service.app.server.once('request', () => resolve()));
}

describe('no client delays the shutdown of the service', () => {
  test('one that has connected and sends nothing', async () => {
    expect(await secondsToClose()).toBeLessThan(3);
  });

  test('one that waits between two requests', async () => {
    socket.write(service.bytes());
    expect(await readAnswers(socket, 1)).toHaveLength(1);
    expect(await secondsToClose()).toBeLessThan(3);
  });

  test('one that stops in the middle of a head: it is cut off after 7 s', async () => {
    socket.write(create().subarray(0, 40));
    await service.request();
    await expectCutOff();
  });

  test('one that stops in the middle of a body: it is cut off after 7 s', async () => {
    const requested = untilRequested();
    socket.write(create().subarray(0, -5));
    await requested;
    await expectCutOff();
  });
});

/** Not before a request that is only slow would have arrived. */
async function expectCutOff(): Promise<void> {
  const seconds = await secondsToClose();
  expect(seconds).toBeGreaterThan(6);
  expect(seconds).toBeLessThan(15);
}

describe('a request that comes while the service stops is answered, and its answer ends the connection', () => {
  test.each([
    ['/api/v2/me', 'through the router'],
    ['/api/v2/api-keys/check', 'in front of it'],
  ])('GET %s, %s', async (target) => {
    socket.write(service.bytes());
    await readAnswers(socket, 1);
    const closed = service.close();
    await sleep(50);
    socket.write(service.bytes({ target }));
    const [answer] = await readAnswers(socket, 1);
    expect([answer?.status, answer?.headers.connection]).toEqual([200, 'close']);
    await closed;
  });

  test('also one whose first byte is all that arrived before idle connections are ended', async () => {
    const bytes = service.bytes();
    socket.write(bytes.subarray(0, 1));
    await service.request();
    const closed = service.close();
    await sleep(1_500);
    socket.write(bytes.subarray(1));
    const [answer] = await readAnswers(socket, 1);
    expect([answer?.status, answer?.headers.connection]).toEqual([200, 'close']);
    await closed;
  });

  test('also one on a new connection', async () => {
    socket.write(service.bytes());
    await readAnswers(socket, 1);
    const closed = service.close();
    const [answer] = await service.send(service.bytes());
    expect([answer?.status, answer?.headers.connection]).toEqual([200, 'close']);
    await closed;
  });

  test('of several that were sent at once each is answered, and the last answer ends the connection', async () => {
    socket.write(service.bytes());
    await readAnswers(socket, 1);
    const closed = service.close();
    await sleep(50);
    socket.write(Buffer.concat([service.bytes(), service.bytes(), service.bytes()]));
    const answers = await readAnswers(socket, 3);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers.map(({ headers }) => headers.connection ?? 'keep-alive')).toEqual([
      'keep-alive',
      'keep-alive',
      'close',
    ]);
    await closed;
  });
});

test('a request that is pending when the service closes is completed and answered in full, and its connection is closed', async () => {
  const bytes = Buffer.concat([create(), create()]);
  const requested = untilRequested();
  const answered = readAnswers(socket, 2);
  socket.write(bytes.subarray(0, -5));
  await requested;
  const closed = service.close();
  socket.write(bytes.subarray(-5));
  const answers = await answered;
  expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  for (const answer of answers) expect(rawViolations('POST', KEYS, answer)).toEqual([]);
  expect(answers.at(-1)?.headers.connection).toBe('close');
  await closed;
});
