import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random, seedFrom } from '../harness/random.ts';
import { asking, openVerification, type Verification } from '../harness/verification.ts';
import { proofSize } from './sizes.ts';

const KEYS = proofSize('EXPIRY_KEYS');
const SEED = seedFrom('EXPIRY_SEED');
const SPREAD_MS = 60_000;

interface Instant {
  readonly at: number;
  readonly keyId: string;
  readonly text: string;
  readonly code: 'VALID' | 'KEY_EXPIRED';
}

let world: Verification;
let instants: Instant[];

beforeAll(async () => {
  world = await openVerification(KEYS);
  const random = new Random(SEED);
  console.log(`expiry: EXPIRY_SEED=${SEED}`);
  const start = world.clock.now() + 2;
  instants = [];
  for (let count = 0; count < KEYS; count++) {
    const expiresAt = start + random.below(SPREAD_MS);
    const { key, text } = await world.issue({ expiresAt });
    const at = (offset: number) => ({ at: expiresAt + offset, keyId: key.id, text });
    instants.push({ ...at(-1), code: 'VALID' }, { ...at(0), code: 'KEY_EXPIRED' });
    instants.push({ ...at(1), code: 'KEY_EXPIRED' });
  }
  instants.sort((a, b) => a.at - b.at);
});
afterAll(() => world.close());

/** Checks every key one millisecond before its expiry, at its expiry and one millisecond after, in chronological order. */
async function wrongAnswers(before: (instant: Instant) => void): Promise<number> {
  const { verifier, clock } = world;
  let wrong = 0;
  for (const instant of instants) {
    clock.set(new Date(instant.at).toISOString());
    before(instant);
    if ((await verifier.verify(asking(instant.text))).code !== instant.code) wrong++;
  }
  return wrong;
}

test(`${KEYS} keys that end within a minute, from the store: each is valid up to the last millisecond, and not longer`, async () => {
  const { lookup, storage } = world;
  const before = lookup.lookups;
  expect(await wrongAnswers(({ keyId }) => storage.feed.publish([{ kind: 'key', keyId }]))).toBe(0);
  expect(lookup.lookups - before).toBe(instants.length);
});

test(`${KEYS} keys that end within a minute, from memory: each is valid up to the last millisecond, and not longer`, async () => {
  const { verifier, lookup } = world;
  for (const { text } of instants) await verifier.verify(asking(text));
  const before = lookup.lookups;
  expect(await wrongAnswers(() => {})).toBe(0);
  expect(lookup.lookups).toBe(before);
});
