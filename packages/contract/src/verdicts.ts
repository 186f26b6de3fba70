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
