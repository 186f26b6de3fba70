import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { setImmediate as afterEvents } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { Tarpit } from './tarpit.ts';

function aResponse(): ServerResponse {
  return new ServerResponse(new IncomingMessage(new Socket()));
}

test('a single answer is sent in the next turn of the event loop', async () => {
  const tarpit = new Tarpit();
  const answer = vi.fn();
  tarpit.add(aResponse(), answer);
  expect(answer).not.toHaveBeenCalled();
  await afterEvents();
  expect(answer).toHaveBeenCalledOnce();
});

test('many answers are sent in small batches, in order, until all are sent', async () => {
  const tarpit = new Tarpit();
  const answered: number[] = [];
  for (let number = 0; number < 20; number++) tarpit.add(aResponse(), () => void answered.push(number));
  await afterEvents();
  expect(answered).toEqual([0, 1, 2, 3]);
  await expect.poll(() => answered).toEqual(Array.from({ length: 20 }, (_, number) => number));
});

test('if too many answers wait, the connection of a further one is closed, and the others keep their order', async () => {
  const tarpit = new Tarpit();
  const responses = Array.from({ length: 1_025 }, () => aResponse());
  for (const response of responses) tarpit.add(response, () => {});
  expect(responses.map(({ req }) => req.socket.destroyed).indexOf(true)).toBe(1_024);
});

test('no answer is written for a client that has disconnected', async () => {
  const tarpit = new Tarpit();
  const response = aResponse();
  const answer = vi.fn();
  tarpit.add(response, answer);
  response.req.socket.destroy();
  await afterEvents();
  expect(answer).not.toHaveBeenCalled();
});
