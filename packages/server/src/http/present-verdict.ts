import type { VerdictBody } from '@latchkey/contract';
import type { Key } from '../domain/keys/key.ts';
import type { QuotaState } from '../domain/verification/limits/quota-counters.ts';
import type { Verdict } from '../domain/verification/verifier.ts';
import { presentKey } from './present-key.ts';

/**
 * A verdict as answers show it. The key is shown only where its true secret was asked about, with the permissions that
 * count now.
 */
export function presentVerdict({ code, key, holds, missing, quota }: Verdict, now: number): VerdictBody {
  return {
    valid: code === 'VALID',
    code,
    ...(key && { apiKey: presentKey({ ...key, permissions: holds }, now) }),
    ...(code === 'PERMISSION_DENIED' && { missing: [...missing] }),
    rateLimit: presentRateLimit(key, quota),
  };
}

/** The limits of a key, if there is one, and what is left of them. */
export function presentRateLimit(key: Key | null, quota: QuotaState): VerdictBody['rateLimit'] {
  return {
    requestsPerMinute: key?.rateLimit.requestsPerMinute ?? null,
    requestsPerDay: key?.rateLimit.requestsPerDay ?? null,
    remainingThisMinute: quota.minute?.remaining ?? null,
    remainingToday: quota.day?.remaining ?? null,
    retryAfterSeconds: quota.retryAfterSeconds,
  };
}
