/**
 * Every answer to the question "may this key do this now?". The list is closed: a client may branch on it
 * exhaustively. All but `VALID` are also error codes, for calls that use the key itself as their credential.
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

export type RefusalCode = Exclude<VerdictCode, 'VALID'>;

/** A no about a key that exists. What is sent instead of a key belongs to none, and is counted for none. */
export type DeniedCode = Exclude<RefusalCode, 'KEY_INVALID'>;

export const DENIED_CODES = VERDICT_CODES.filter(
  (code): code is DeniedCode => code !== 'VALID' && code !== 'KEY_INVALID',
);

/**
 * What a key is judged by, in this order: from what only an outsider could get wrong to what the owner can mend. The first
 * step that it does not pass decides.
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
