import { expect, test } from 'vitest';
import { FailedSignIns, networkOf } from './failed-sign-ins.ts';

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::1'],
  ['2001:0DB8:0001:0002::', '2001:db8:1:2:ffff::'],
])('%s and %s are counted together', (one, other) => {
  expect(networkOf(one)).toBe(networkOf(other));
});

test('other addresses, and other IPv6 networks, are counted separately', () => {
  const addresses = ['203.0.113.7', '203.0.113.8', '2001:db8:1:2::', '2001:db8:1:3::', 'unknown'];
  expect(new Set(addresses.map(networkOf)).size).toBe(addresses.length);
});

test('failures of one address do not limit another, even if many occur at once', async () => {
  const failures = new FailedSignIns();
  const waits: number[] = [];
  const tell = (seconds: number) => void waits.push(seconds);
  const count = (address: string) => failures.count(address, tell);
  const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => count('203.0.113.7')));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  expect(waits).toHaveLength(40);
  for (const wait of waits) expect(wait).toBeLessThanOrEqual(900);
  await expect(count('203.0.113.8')).resolves.toBeUndefined();
});
