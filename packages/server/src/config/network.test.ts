import { expect, test } from 'vitest';
import { isNetwork } from './network.ts';

test.each(['127.0.0.1', '10.0.0.0/8', '0.0.0.0/0', '::1', '2001:db8::/32', 'fd00::1/128'])(
  '%s is a network',
  (text) => {
    expect(isNetwork(text)).toBe(true);
  },
);

test.each([
  '',
  'proxy',
  '10.0.0.0/33',
  '::1/129',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '10.0.0.0/-1',
  '127.1',
  '10.0.0',
  'loopback',
  '10.0.0.1:80',
])('%s is none', (text) => {
  expect(isNetwork(text)).toBe(false);
});
