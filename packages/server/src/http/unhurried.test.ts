import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { setImmediate as afterEvents } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { UnhurriedAnswers } from './unhurried.ts';

function aResponse(): ServerResponse {
  return new ServerResponse(new IncomingMessage(new Socket()));
}

test('an answer that comes alone goes out in the next turn of the event loop', async () => {
  const unhurried = new UnhurriedAnswers();
  const answer = vi.fn();
  unhurried.add(aResponse(), answer);
  expect(answer).not.toHaveBeenCalled();
  await afterEvents();
  expect(answer).toHaveBeenCalledOnce();
});

test('of many only a few go out at a time, in their order, and all of them in the end', async () => {
  const unhurried = new UnhurriedAnswers();
  const answered: number[] = [];
  for (let number = 0; number < 20; number++) unhurried.add(aResponse(), () => void answered.push(number));
  await afterEvents();
  expect(answered).toEqual([0, 1, 2, 3]);
  await vi.waitFor(() => expect(answered).toEqual(Array.from({ length: 20 }, (_, number) => number)));
});

test('where too many wait, one more is cut off unanswered, and those before it keep their place', async () => {
  const unhurried = new UnhurriedAnswers();
  const responses = Array.from({ length: 1_025 }, () => aResponse());
  for (const response of responses) unhurried.add(response, () => {});
  expect(responses.map(({ req }) => req.socket.destroyed).indexOf(true)).toBe(1_024);
});

test('nothing is written for a client that has gone away', async () => {
  const unhurried = new UnhurriedAnswers();
  const response = aResponse();
  const answer = vi.fn();
  unhurried.add(response, answer);
  response.req.socket.destroy();
  await afterEvents();
  expect(answer).not.toHaveBeenCalled();
});
