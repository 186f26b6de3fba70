import { expect, test } from 'vitest';
import { seedFrom } from '../harness/random.ts';
import { type Figures, History } from './simulation/history.ts';
import type { Fault } from './simulation/instance.ts';
import type { Violation } from './simulation/oracle.ts';
import { proofSize } from './sizes.ts';

const HISTORIES = proofSize('SIMULATED_HISTORIES');
const SEED = seedFrom('SIMULATION_SEED');
/** A fault is found in far fewer histories; a multiple, so that no seed is unlucky. */
const FAULTY_HISTORIES_MAX = 2_000;

/** Runs histories until one has a violation; returns its number and violations. */
async function firstViolation(count: number, fault: Fault | null, figures = noFigures()) {
  for (let index = 0; index < count; index++) {
    const violations = await new History(SEED + index, fault, figures).run();
    if (violations.length > 0) return { index, violations };
  }
  return null;
}

function noFigures(): Figures {
  return { verifications: 0, answered: 0, accepted: 0, changes: 0, stops: 0 };
}

test(`in ${HISTORIES} simulated histories of three instances, no revoked key is accepted, no limit exceeded and no key lost`, async () => {
  const figures = noFigures();
  const found = await firstViolation(HISTORIES, null, figures);
  expect(found && `SIMULATION_SEED=${SEED + found.index}: ${found.violations[0]?.detail}`).toBeNull();
  console.log(`simulation: ${HISTORIES} histories, ${JSON.stringify(figures)}`);
}, 3_600_000);

test.each<[Fault, Violation['promise']]>([
  ['memory is used after the lease', 'revoked stays revoked'],
  ['the lease is measured on the monotonic clock alone', 'revoked stays revoked'],
  ['a new key waits for a poll that has already begun', 'no key lost'],
  ['a leased part of a day limit is not stored', 'no limit exceeded'],
])('the simulation finds the fault that %s', async (fault, promise) => {
  for (let index = 0; index < FAULTY_HISTORIES_MAX; index++) {
    const violations = await new History(SEED + index, fault, noFigures()).run();
    if (violations.some((violation) => violation.promise === promise)) {
      console.log(`simulation: ${fault}: found in history ${index + 1}`);
      return;
    }
  }
  expect.unreachable(`${fault}: not found in ${FAULTY_HISTORIES_MAX} histories`);
});
