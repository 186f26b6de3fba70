import { expect, test } from 'vitest';
import { apiKey, failure, success, verdict } from '../../test/peer.ts';
import { Latchkey } from '../client.ts';
import type { KeyCheck } from '../resources/keys.ts';
import { batchedVerify } from './batch.ts';

/** A client that hands the checks of each call to `answer`, and gives back its response. */
function clientOf(answer: (checks: readonly KeyCheck[]) => Response | Promise<Response>): Latchkey {
  const fetch: typeof globalThis.fetch = async (_, init) => answer(JSON.parse(String(init?.body)).checks);
  return new Latchkey({ url: 'http://latchkey.test', key: 'lk_live_client', fetch });
}

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });

/** A valid verdict for each check, whose key has the presented text as its id. */
const allValid = (checks: readonly KeyCheck[]) =>
  json(success({ verdicts: checks.map(({ key }) => ({ ...verdict, apiKey: { ...apiKey, id: key } })) }));

const checks = (count: number, question: Omit<KeyCheck, 'key'> = {}): KeyCheck[] =>
  Array.from({ length: count }, (_, index) => ({ key: `lk_${index}`, ...question }));

test('2,500 checks of one tick travel in three calls, and each check gets its own verdict', async () => {
  const sizes: number[] = [];
  const verify = batchedVerify(
    clientOf((batch) => {
      sizes.push(batch.length);
      return allValid(batch);
    }),
  );
  const asked = checks(2_500);
  const verdicts = await Promise.all(asked.map(verify));
  expect(sizes).toEqual([1_000, 1_000, 500]);
  expect(verdicts.map((one) => one.apiKey?.id)).toEqual(asked.map(({ key }) => key));
});

test('checks with many permissions travel in smaller calls, within the values and bytes that the service accepts', async () => {
  const bodies: { bytes: number; values: number }[] = [];
  const verify = batchedVerify(
    clientOf((batch) => {
      const values = batch.reduce((sum, { permissions = [] }) => sum + 3 + permissions.length, 2);
      bodies.push({ bytes: JSON.stringify({ checks: batch }).length, values });
      return allValid(batch);
    }),
  );
  const permissions = Array.from({ length: 100 }, (_, index) => `${'resource-'.repeat(5)}${index}:read`);
  await Promise.all(checks(400, { permissions }).map(verify));
  expect(bodies.length).toBeGreaterThan(1);
  for (const { bytes, values } of bodies) {
    expect(bytes).toBeLessThanOrEqual(1024 * 1024);
    expect(values).toBeLessThanOrEqual(20_000);
  }
});

test('one failing call denies exactly its own checks', async () => {
  let calls = 0;
  const verify = batchedVerify(
    clientOf((batch) => (++calls === 2 ? json(failure('UNAVAILABLE', true), 503) : allValid(batch))),
  );
  const outcomes = await Promise.allSettled(checks(2_500).map(verify));
  expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(
    checks(2_500).map((_, index) => index < 1_000 || index >= 2_000),
  );
});

test('a question that the service does not accept fails alone: the others are asked again without it', async () => {
  const verify = batchedVerify(
    clientOf((batch) =>
      batch.some(({ permissions }) => permissions?.includes('no-such:permission'))
        ? json(failure('VALIDATION_FAILED'), 400)
        : allValid(batch),
    ),
  );
  const bad = { permissions: ['no-such:permission'] };
  const asked = [...checks(2), ...checks(2, bad), ...checks(2, { cost: 3 })];
  const outcomes = await Promise.allSettled(asked.map(verify));
  expect(outcomes.map(({ status }) => status)).toEqual([
    ...['fulfilled', 'fulfilled', 'rejected', 'rejected', 'fulfilled', 'fulfilled'],
  ]);
});

test('checks of different ticks and of different clients do not wait for each other', async () => {
  let release = () => {};
  const stalled = batchedVerify(
    clientOf(() => new Promise((resolve) => (release = () => resolve(json({}))))),
  );
  const waiting = stalled({ key: 'lk_0' }).catch(() => 'failed');
  const other = batchedVerify(clientOf(allValid));
  expect(await other({ key: 'lk_1' })).toMatchObject({ valid: true });
  expect(await other({ key: 'lk_2' })).toMatchObject({ valid: true });
  release();
  expect(await waiting).toBe('failed');
});
