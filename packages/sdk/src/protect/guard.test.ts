import { ERRORS } from '@latchkey/contract';
import { describe, expect, test } from 'vitest';
import { Latchkey } from '../client.ts';
import { requireKey as expressKey } from '../express.ts';
import { withKey } from '../fetch.ts';
import { requireKey as honoKey } from '../hono.ts';
import { type DeniedCode, denial } from './denial.ts';
import { keyGuard } from './guard.ts';

const latchkey = new Latchkey({ url: 'http://latchkey.test', key: 'lk_live_client' });

describe('options that do not mean what they seem to stop the start:', () => {
  test.each<[string, object | null]>([
    ['a misspelled option', { permission: ['calls:read'] }],
    ['a text in place of a list', { permissions: 'calls:read' }],
    ['a permission that is not a name', { permissions: ['calls'] }],
    ['a permission that is undefined', { permissions: [undefined] }],
    ['a negative cost', { cost: -1 }],
    ['a fraction', { cost: 0.5 }],
    ['a cost above the limits', { cost: 1_000_001 }],
    ['a header that is not a name', { header: 'X API Key' }],
    ['another answer to an outage', { whenUnavailable: 'open' }],
    ['null', null],
  ])('%s', (_, given) => {
    // A program in JavaScript is not held to the types.
    const options = given as { cost: number };
    expect(() => keyGuard(latchkey, options)).toThrow(TypeError);
    expect(() => expressKey(latchkey, options)).toThrow(TypeError);
    expect(() => withKey(latchkey, options, () => new Response())).toThrow(TypeError);
    if (options !== null) expect(() => honoKey(latchkey, options)).toThrow(TypeError);
  });

  test('something else than a client', () => {
    const other = {} as Latchkey;
    expect(() => expressKey(other)).toThrow('the first argument must be a Latchkey client');
  });
});

test('every code has the status that the service gives it', () => {
  const codes: DeniedCode[] = [
    ...(['CREDENTIALS_MISSING', 'KEY_INVALID', 'KEY_DISABLED', 'KEY_EXPIRED', 'KEY_REVOKED'] as const),
    ...([
      'PERMISSION_DENIED',
      'IP_NOT_ALLOWED',
      'WORKSPACE_SUSPENDED',
      'RATE_LIMITED',
      'UNAVAILABLE',
    ] as const),
  ];
  expect(codes.map((code) => denial(code, undefined).status)).toEqual(
    codes.map((code) => ERRORS[code].status),
  );
});

test('a header reader that throws is a denial', async () => {
  const decide = keyGuard(latchkey, {});
  const decision = await decide(() => {
    throw new Error('no headers');
  });
  expect(decision).toMatchObject({ allowed: false, denial: { status: 503 } });
});
