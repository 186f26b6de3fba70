import { expect, test } from 'vitest';
import { killedRound } from './first-run/killed-round.ts';
import { racedRound } from './first-run/raced-round.ts';
import { restoredRound } from './first-run/restored-round.ts';
import { proofSize } from './sizes.ts';

const ROUNDS = proofSize('FIRST_RUN_ROUNDS');
/** One round in this number kills a real process in the middle of the claims; the others race within this process. */
const KILLED_EVERY = 40;

const killed = Math.ceil(ROUNDS / KILLED_EVERY);
const raced = ROUNDS - killed;
/** A generous bound for a machine with other work. */
const TIMEOUT = { timeout: 60_000 + ROUNDS * 3_000 };

test(
  `the first link lets one in, of 100 at once, and never another: ${raced} first runs`,
  TIMEOUT,
  async () => {
    for (let round = 0; round < raced; round++) await racedRound();
    console.log(`${raced} first runs raced by 100 each: ${raced} sessions, one owner each`);
  },
);

test(
  `nor after kill -9 in the middle of the claims and a new start: ${killed} real processes`,
  TIMEOUT,
  async () => {
    let lost = 0;
    for (let round = 0; round < killed; round++) lost += Number(await killedRound(round));
    console.log(
      `${killed} first runs killed: ${killed} sessions, one owner each; ${lost} answers lost on the way`,
    );
  },
);

test('nor after a restart, the restoring of a backup from before, or the emptying of its tables', async () => {
  expect(await restoredRound()).toEqual({
    atFirst: 'signed in',
    'after a restart': 'NOT_FOUND',
    'after the backup was restored, 15 minutes on': 'NOT_FOUND',
    'after the tables were emptied': 'NOT_FOUND',
  });
});
