import { describe, expect, test } from 'vitest';
import { identityOf, mergeClaims } from './identity-of.ts';

const EXPECTED = { issuer: 'https://id.example.com', workspaceClaim: 'ws', trustsEmails: false };
const EMAIL = 'ada@example.com';

const emailOf = (claims: object, trustsEmails = false) =>
  identityOf({ sub: 'ada', email: EMAIL, ...claims }, { ...EXPECTED, trustsEmails }).email;

describe('an address', () => {
  test.each([[true], ['true']])('is verified where email_verified is %j', (email_verified) => {
    expect(emailOf({ email_verified })).toBe(EMAIL);
  });

  test.each([[false], ['false'], ['True'], ['yes'], ['1'], [1], [null], [[]], [['true']], [{}], [undefined]])(
    'is not where it is %j',
    (email_verified) => {
      expect(emailOf({ email_verified })).toBeNull();
    },
  );

  test('of a provider that is trusted without the claim is verified where the claim is absent', () => {
    expect(emailOf({}, true)).toBe(EMAIL);
    expect(emailOf({ email_verified: 'true' }, true)).toBe(EMAIL);
  });

  test.each([[false], ['false'], [null], [0], ['yes']])(
    'of such a provider is not where email_verified is %j',
    (email_verified) => {
      expect(emailOf({ email_verified }, true)).toBeNull();
    },
  );
});

describe('the claims of ID token and user info', () => {
  const YES = { email: EMAIL, email_verified: true };

  test.each([
    ['only in the user info', {}, YES, YES],
    [
      'verified in the user info',
      { email: EMAIL },
      { email_verified: 'true' },
      { ...YES, email_verified: 'true' },
    ],
    ['in the other order', { email_verified: true }, { email: EMAIL }, YES],
    [
      'denied by the user info',
      YES,
      { email: EMAIL, email_verified: false },
      { ...YES, email_verified: false },
    ],
    [
      'denied by the ID token',
      { email: EMAIL, email_verified: 'false' },
      YES,
      { ...YES, email_verified: 'false' },
    ],
    ['written in another case', { email: EMAIL }, { email: 'ADA@example.com', email_verified: true }, YES],
    [
      'another address there',
      { email: EMAIL },
      { email: 'eve@example.com', email_verified: true },
      { email: EMAIL },
    ],
  ])('are one: an address %s', (_what, idToken, userInfo, merged) => {
    expect(mergeClaims({ sub: 'ada', ...idToken }, { sub: 'ada', ...userInfo })).toEqual({
      sub: 'ada',
      ...merged,
    });
  });

  test('are those of the ID token when both have a claim', () => {
    const merged = mergeClaims({ sub: 'ada', name: 'Ada' }, { sub: 'ada', name: 'A.', ws: 'ws_1' });
    expect(merged).toEqual({ sub: 'ada', name: 'Ada', ws: 'ws_1' });
  });
});
