import { expect, test } from 'vitest';
import { AppError } from '../../domain/shared/app-error.ts';
import { networkOf, SignInLimits } from './sign-in-limits.ts';

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

const outcomeOf = (work: () => void): string => {
  try {
    work();
    return 'counted';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
};

test.each(['countFailure', 'countRequest'] as const)(
  '%s denies an address from the eleventh in 15 minutes on, with the seconds to wait, and no other address',
  (count) => {
    let now = 1;
    const limits = new SignInLimits(() => now);
    const waits: number[] = [];
    const ask = (address: string) => outcomeOf(() => limits[count](address, (wait) => waits.push(wait)));
    const outcomes = Array.from({ length: 12 }, () => ask('203.0.113.7'));
    expect(outcomes).toEqual([...Array(10).fill('counted'), 'RATE_LIMITED', 'RATE_LIMITED']);
    expect(waits).toEqual([900, 900]);
    expect(ask('203.0.113.8')).toBe('counted');
    // A denied call does not prolong the window.
    now += 899_000;
    expect(ask('203.0.113.7')).toBe('RATE_LIMITED');
    expect(waits.at(-1)).toBe(1);
    now += 2_000;
    expect(ask('203.0.113.7')).toBe('counted');
  },
);

test('three mails in 15 minutes may go to an address, however it is written', () => {
  const limits = new SignInLimits();
  const spellings = ['ada@example.com', 'Ada@Example.com', 'ADA@EXAMPLE.COM', 'ada@example.com'];
  expect(spellings.map((email) => limits.mayMail(email))).toEqual([true, true, true, false]);
  expect(limits.mayMail('bob@example.com')).toBe(true);
});
