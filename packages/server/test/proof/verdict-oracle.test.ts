import { isDeepStrictEqual } from 'node:util';
import { VERDICT_CODES } from '@latchkey/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Key } from '../../src/domain/keys/key.ts';
import type { KeyRecord } from '../../src/domain/keys/key-store.ts';
import { NO_QUOTA } from '../../src/domain/verification/limits/quota-counters.ts';
import type { Verdict, VerifyInput } from '../../src/domain/verification/verifier.ts';
import { verify } from '../../src/domain/verification/verify.ts';
import { Random, seedFrom } from '../harness/random.ts';
import { openVerification, type Verification } from '../harness/verification.ts';
import { proofSize } from './sizes.ts';
import { History } from './verdicts/history.ts';
import { ObviousLimiter } from './verdicts/obvious-limiter.ts';

const VERDICTS = proofSize('ORACLE_VERDICTS');
const SEED = seedFrom('ORACLE_SEED');
/** Fewer than the number of keys, so that some are always evicted. */
const MEMORY_KEYS = 10;
const TIMEOUT_MS = 60_000 + 2 * VERDICTS;
const CHANGE_PROBABILITY = 0.03;
const SWEEP_PROBABILITY = 0.002;
/** No key is bound to addresses, and the database always answers. */
const REACHED = VERDICT_CODES.filter((code) => code !== 'IP_NOT_ALLOWED' && code !== 'UNAVAILABLE');

let world: Verification;

beforeAll(async () => {
  world = await openVerification(MEMORY_KEYS);
});
afterAll(() => world.close());

/** The stored records, read again after each change. */
const stored = new Map<string, KeyRecord | null>();

async function readRecord(keyText: string): Promise<KeyRecord | null> {
  const known = stored.get(keyText);
  if (known !== undefined) return known;
  const record = await world.storage.keys.findByDigest(world.keyring.digest(keyText));
  stored.set(keyText, record);
  return record;
}

async function change(history: History): Promise<void> {
  await history.change();
  stored.clear();
}

/** The key without `lastUsedAt`, which is written in the background. */
function withoutUse(key: Key | null): unknown {
  return key && { ...key, lastUsedAt: null };
}

/** Compares the verdict with that of the stored record alone, and with a list of all calls. */
async function check(limiter: ObviousLimiter, input: VerifyInput, verdict: Verdict): Promise<void> {
  const record = await readRecord(input.keyText);
  const now = world.clock.now();
  const decision = verify(record, input, now);
  expect(isDeepStrictEqual(withoutUse(verdict.key), withoutUse(decision.key)), 'the key').toBe(true);
  expect(verdict.missing).toEqual(decision.missing);
  const isRateLimited = verdict.code === 'RATE_LIMITED';
  expect(isRateLimited ? 'VALID' : verdict.code).toBe(decision.code);
  if (decision.code !== 'VALID') return expect(verdict.quota).toEqual(NO_QUOTA);
  expect(isRateLimited).toBe(verdict.quota.retryAfterSeconds !== null);
  limiter.check(decision, input.cost, now, verdict.quota);
}

test(`${VERDICTS} verdicts from memory, in a history of random changes, match the database and a simple limiter`, {
  timeout: TIMEOUT_MS,
}, async () => {
  console.log(`verdict oracle: ORACLE_SEED=${SEED}`);
  const random = new Random(SEED);
  const history = new History(world, random);
  await history.begin();
  const limiter = new ObviousLimiter();
  const codes: Record<string, number> = {};
  for (let count = 0; count < VERDICTS; count++) {
    history.passTime();
    if (random.chance(CHANGE_PROBABILITY)) await change(history);
    if (random.chance(SWEEP_PROBABILITY)) await world.counters.sweep(world.clock.now());
    if (count === VERDICTS / 10) await world.known.read(new AbortController().signal);
    const input = history.question();
    const verdict = await world.verifier.verify(input);
    codes[verdict.code] = (codes[verdict.code] ?? 0) + 1;
    await check(limiter, input, verdict).catch((error: unknown) => {
      throw new Error(`ORACLE_SEED=${SEED}, verdict ${count}, ${JSON.stringify({ input, verdict })}`, {
        cause: error,
      });
    });
  }
  console.log(`verdict oracle: ${JSON.stringify({ ...codes, lookups: world.lookup.lookups })}`);
  console.log(`verdict oracle: ${JSON.stringify(history.happened)}`);
  expect(Object.keys(codes).toSorted()).toEqual(REACHED.toSorted());
});
