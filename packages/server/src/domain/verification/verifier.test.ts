import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openVerification, type Verification } from '../../../test/harness/verification.ts';
import { NO_CLIENT } from '../shared/caller.ts';

let verification: Verification;

beforeEach(async () => {
  verification = await openVerification();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(async () => {
  vi.useRealTimers();
  verification.lookup.releaseAll();
  await verification.close();
});

const question = { workspaceId: null, permissions: [], cost: 1 } as const;

test('a look-up that takes longer than a second is UNAVAILABLE, but its record is cached', async () => {
  const { lookup, verifier, issue } = verification;
  const { text } = await issue();
  lookup.isStalling = true;
  const verified = verifier.verify({ ...question, keyText: text });
  const authenticated = verifier.authenticate(text, NO_CLIENT);
  const both = Promise.allSettled([verified, authenticated]);
  await lookup.untilHeld(1);
  await vi.advanceTimersByTimeAsync(1_000);
  for (const outcome of await both) expect(outcome).toMatchObject({ reason: { code: 'UNAVAILABLE' } });
  lookup.releaseAll();
  await vi.waitFor(async () =>
    expect((await verifier.verifyNow({ ...question, keyText: text }))?.code).toBe('VALID'),
  );
  expect(lookup.lookups).toBe(1);
});

test('a key that is revoked while its quota is asked for is denied', async () => {
  const { counters, verifier, issue, storage, clock } = verification;
  const { key, text } = await issue({ rateLimit: { requestsPerMinute: null, requestsPerDay: 5 } });
  const spend = counters.spend.bind(counters);
  counters.spend = async (...asked) => {
    const state = await spend(...asked);
    await storage.keys.update({ ...key, revokedAt: clock.now() });
    return state;
  };
  expect((await verifier.verify({ ...question, keyText: text })).code).toBe('KEY_REVOKED');
});
