import { expect, onTestFinished, test } from 'vitest';
import { generateKeyText } from '../../src/domain/shared/tokens.ts';
import type { Verdict } from '../../src/domain/verification/verifier.ts';
import { asking, openVerification, type Verification } from '../harness/verification.ts';
import { proofSize } from './sizes.ts';

const LIMITS = [1, 2, 60, 1_000, proofSize('LARGEST_LIMIT')];
const MINUTE = 60_000;
const DAY = 86_400_000;
const MINUTES = 5;
const DAYS = 3;
const STEP_MS = 25;

/** The number of calls that were allowed at one instant. */
interface Admitted {
  readonly at: number;
  readonly calls: number;
}

async function open(): Promise<Verification> {
  const world = await openVerification();
  onTestFinished(world.close);
  return world;
}

function call({ verifier }: Verification, text: string): Promise<Verdict> | Verdict {
  const input = asking(text, { cost: 1 });
  return verifier.verifyNow(input) ?? verifier.verify(input);
}

/** Calls up to `callsMax` times, and stops at the first denial. */
async function admit(world: Verification, text: string, callsMax: number): Promise<Admitted> {
  let calls = 0;
  for (; calls < callsMax; calls++) {
    const { code } = await call(world, text);
    if (code === 'VALID') continue;
    expect(code).toBe('RATE_LIMITED');
    break;
  }
  return { at: world.clock.now(), calls };
}

/** Calls until the first denial, and checks that the next call is denied too. */
async function saturate(world: Verification, text: string): Promise<Admitted> {
  const admitted = await admit(world, text, Number.POSITIVE_INFINITY);
  expect((await admit(world, text, 1)).calls).toBe(0);
  return admitted;
}

function total(admitted: readonly Admitted[]): number {
  return admitted.reduce((sum, { calls }) => sum + calls, 0);
}

/** The most calls in any span of this length, its end excluded. */
function most(admitted: readonly Admitted[], spanMs: number): number {
  let first = 0;
  let within = 0;
  let worst = 0;
  for (const { at, calls } of admitted) {
    within += calls;
    for (; at - (admitted[first]?.at ?? 0) >= spanMs; first++) within -= admitted[first]?.calls ?? 0;
    worst = Math.max(worst, within);
  }
  return worst;
}

/** `endless`: callers always wait. `steady`: calls come evenly, 2 % more often than the limit allows. */
const DEMANDS = LIMITS.flatMap((limit) => [
  { limit, demand: 'endless' as const, perStep: Number.POSITIVE_INFINITY },
  { limit, demand: 'steady' as const, perStep: (1.02 * limit * STEP_MS) / MINUTE },
]);

test.each(DEMANDS)(
  'of a limit of $limit a minute, demand being $demand, never more is let through in any 60.000 s, and at least 95 in 100 is',
  async ({ limit, demand, perStep }) => {
    const world = await open();
    const { text } = await world.issue({ rateLimit: { requestsPerMinute: limit, requestsPerDay: null } });
    const admitted: Admitted[] = [];
    let waiting = 0;
    for (let at = 0; at < MINUTES * MINUTE; at += STEP_MS, world.clock.advance(STEP_MS)) {
      waiting = Math.min(waiting + perStep, limit + 1);
      const { at: now, calls } = await admit(world, text, Math.floor(waiting));
      // One of the denied callers keeps waiting, so that there is always a caller, even with a limit of 1.
      if (demand === 'steady') waiting -= Math.max(calls, Math.floor(waiting) - 1);
      admitted.push({ at: now, calls });
    }
    const [worst, share] = [most(admitted, MINUTE), total(admitted) / (limit * MINUTES)];
    const figures = `at most ${worst} in 60.000 s, ${(share * 100).toFixed(2)} % usable`;
    console.log(`limits: ${limit} a minute, ${demand} demand: ${figures}`);
    expect(worst).toBeLessThanOrEqual(limit);
    expect(share).toBeGreaterThanOrEqual(0.95);
  },
);

test.each(LIMITS)(
  'bursts on both sides of a full minute never have more than %i together within 60.000 s',
  async (limit) => {
    const world = await open();
    const { text } = await world.issue({ rateLimit: { requestsPerMinute: limit, requestsPerDay: null } });
    const admitted: Admitted[] = [];
    // Each minute: quiet, then all that goes 1 ms before its end, at it, 1 ms after, and round the age of 60 seconds.
    for (const wait of [59_999, 1, 1, 59_996, 1, 1, 1, 1, 997, 1, 1, 1, 58_996, 1, 1, 1, 999, 1, 1]) {
      world.clock.advance(wait);
      admitted.push(await saturate(world, text));
    }
    expect(most(admitted, MINUTE)).toBe(limit);
    expect(total(admitted)).toBeGreaterThanOrEqual(2 * limit);
  },
);

test.each(LIMITS)(
  'under saturating demand, over 00:00Z too, a limit of %i a day lets all of it through on each day and none too many',
  async (limit) => {
    const world = await open();
    const { text } = await world.issue({ rateLimit: { requestsPerMinute: null, requestsPerDay: limit } });
    world.clock.set('2026-11-23T23:59:59.998Z');
    const byDay: number[] = [];
    for (let day = 0; day < DAYS; day++) {
      const admitted = [];
      for (const wait of [0, 1, 0]) {
        world.clock.advance(wait);
        admitted.push(await saturate(world, text));
      }
      world.clock.advance(1);
      for (const wait of [0, 1, 12 * 3_600_000, DAY - 12 * 3_600_000 - 3]) {
        admitted.push(await saturate(world, text));
        world.clock.advance(wait);
      }
      for (const { at, calls } of admitted) {
        const number = Math.floor(at / DAY);
        byDay[number] = (byDay[number] ?? 0) + calls;
      }
    }
    const days = Object.values(byDay);
    console.log(`limits: ${limit} a day: ${days.join(', ')} on ${days.length} days`);
    expect(days).toEqual(Array.from({ length: DAYS + 1 }, () => limit));
  },
);

test('calls that are denied by a limit, by a missing permission, or that name no key use no quota', async () => {
  const world = await open();
  const limits = { requestsPerMinute: 100, requestsPerDay: 150 };
  const { text } = await world.issue({ rateLimit: limits });
  const { verifier, clock } = world;
  const left = async () => {
    const { quota } = await verifier.verify(asking(text));
    return [quota.minute?.remaining, quota.day?.remaining];
  };
  for (let count = 0; count < 1_000; count++) {
    const lacking = asking(text, { permissions: ['api-keys:delete'], cost: 1 });
    expect((await verifier.verify(lacking)).code).toBe('PERMISSION_DENIED');
    const unknown = asking(generateKeyText('lk', 'live'), { cost: 1 });
    expect((await verifier.verify(unknown)).code).toBe('KEY_INVALID');
  }
  expect(await left()).toEqual([100, 150]);
  expect((await saturate(world, text)).calls).toBe(100);
  for (let count = 0; count < 1_000; count++) {
    clock.advance(1);
    expect((await call(world, text)).code).toBe('RATE_LIMITED');
  }
  expect(await left()).toEqual([0, 50]);
  clock.advance(MINUTE);
  expect(await left()).toEqual([100, 50]);
  expect((await saturate(world, text)).calls).toBe(50);
  expect(await left()).toEqual([50, 0]);
});
