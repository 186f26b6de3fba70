/**
 * Every verdict code of a key verification. The list is closed: a client may branch on it exhaustively. All codes except
 * `VALID` are also error codes, for calls that use the key itself as their credential.
 */
export const VERDICT_CODES = [
  'VALID',
  'KEY_INVALID',
  'KEY_DISABLED',
  'KEY_EXPIRED',
  'KEY_REVOKED',
  'PERMISSION_DENIED',
  'RATE_LIMITED',
  'IP_NOT_ALLOWED',
  'WORKSPACE_SUSPENDED',
  'UNAVAILABLE',
] as const;

export type VerdictCode = (typeof VERDICT_CODES)[number];

export type DenialCode = Exclude<VerdictCode, 'VALID'>;

/** The codes of a denied key that exists. `KEY_INVALID` is excluded, because its denials belong to no key and are not counted. */
export type CountedDenialCode = Exclude<DenialCode, 'KEY_INVALID'>;

export const COUNTED_DENIAL_CODES = VERDICT_CODES.filter(
  (code): code is CountedDenialCode => code !== 'VALID' && code !== 'KEY_INVALID',
);

/**
 * The checks of a verification, in this order: first those that only an attacker would fail, last those that the owner can
 * fix. The first check that fails decides the verdict.
 */
export const DECISION_STEPS = [
  'exists',
  'intact',
  'revoked',
  'rotated',
  'workspace',
  'owner',
  'disabled',
  'expired',
  'permission',
  'minute',
  'day',
] as const;

export type DecisionStep = (typeof DECISION_STEPS)[number];
