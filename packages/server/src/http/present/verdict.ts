import type { VerdictBody } from '@latchkey/contract';
import type { Key } from '../../domain/keys/key.ts';
import type { QuotaState } from '../../domain/verification/limits/quota-counters.ts';
import type { Verdict } from '../../domain/verification/verifier.ts';
import { presentKey } from './key.ts';

/**
 * A verdict for answers. It contains the key only if the secret was correct, with the permissions that are effective
 * now.
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

/** The limits of a key, if there is one, and the remaining quota. */
export function presentRateLimit(key: Key | null, quota: QuotaState): VerdictBody['rateLimit'] {
  return {
    requestsPerMinute: key?.rateLimit.requestsPerMinute ?? null,
    requestsPerDay: key?.rateLimit.requestsPerDay ?? null,
    remainingThisMinute: quota.minute?.remaining ?? null,
    remainingToday: quota.day?.remaining ?? null,
    retryAfterSeconds: quota.retryAfterSeconds,
  };
}
