import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { TrustedProxies } from './trusted-proxies.ts';

const PROXY = '10.0.0.1';

function clientOf(networks: string[], peer: string, headers: IncomingHttpHeaders): string {
  const socket = { remoteAddress: peer } as IncomingMessage['socket'];
  return new TrustedProxies(networks).clientOf({ socket, headers });
}

const behind = (forwardedFor: string, peer = PROXY, networks = [PROXY]) =>
  clientOf(networks, peer, { 'x-forwarded-for': forwardedFor });

describe('the client', () => {
  test.each([
    ['10.0.0.9', '10.0.0.9'],
    ['::ffff:10.0.0.9', '10.0.0.9'],
    ['2001:0DB8::0001', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['', ''],
  ])('is the peer %j if no proxy is trusted, regardless of the headers', (peer, client) => {
    expect(clientOf([], peer, { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=203.0.113.7' })).toBe(
      client,
    );
  });

  test('is the peer if the peer is not a trusted proxy', () => {
    expect(behind('203.0.113.7', '10.0.0.2')).toBe('10.0.0.2');
    expect(behind('203.0.113.7', '10.0.1.2', ['10.0.0.0/24'])).toBe('10.0.1.2');
  });

  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['198.51.100.1, 203.0.113.7', '203.0.113.7'],
    ['203.0.113.7, 10.0.0.3', '203.0.113.7'],
    ['198.51.100.1,203.0.113.7 ,10.0.0.3,10.0.0.2', '203.0.113.7'],
    ['10.0.0.4, 10.0.0.3', '10.0.0.4'],
    ['203.0.113.7:4711', '203.0.113.7'],
    ['[2001:DB8::7]:443', '2001:db8::7'],
    ['2001:DB8:0::7', '2001:db8::7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['203.0.113.7, unknown', PROXY],
    ['203.0.113.7, junk, 10.0.0.3', '10.0.0.3'],
    ['203.0.113.7,', PROXY],
    ['127.1', PROXY],
    ['0x7f.0.0.1', PROXY],
    ['', PROXY],
  ])('behind trusted proxies that send %j is %s', (forwardedFor, client) => {
    expect(behind(forwardedFor, PROXY, ['10.0.0.0/24'])).toBe(client);
    expect(behind(forwardedFor, `::ffff:${PROXY}`, ['10.0.0.0/24'])).toBe(client);
  });

  test.each([
    ['for=203.0.113.7', '203.0.113.7'],
    ['For="203.0.113.7:80";proto=https;by=10.0.0.1', '203.0.113.7'],
    ['proto=https;for="[2001:db8:cafe::17]:4711"', '2001:db8:cafe::17'],
    ['for=198.51.100.1, for=203.0.113.7, for=10.0.0.3', '203.0.113.7'],
    ['for=203.0.113.7, for=_hidden', PROXY],
    ['for=203.0.113.7, proto=https', PROXY],
  ])('is read from Forwarded: %s', (forwarded, client) => {
    expect(clientOf(['10.0.0.0/24'], PROXY, { forwarded })).toBe(client);
  });

  test('is read from X-Forwarded-For only, if both headers are sent', () => {
    const headers = { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=198.51.100.1' };
    expect(clientOf([PROXY], PROXY, headers)).toBe('203.0.113.7');
  });

  test('behind a proxy with an IPv6 address', () => {
    expect(behind('203.0.113.7', '2001:db8:0:0::1', ['2001:db8::/32'])).toBe('203.0.113.7');
  });
});
