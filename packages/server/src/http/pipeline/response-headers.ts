import type { LimitState, QuotaState } from '../../domain/verification/limits/quota-counters.ts';

const WINDOW_SECONDS = { minute: 60, day: 86_400 } as const;

type PolicyName = keyof typeof WINDOW_SECONDS;

/**
 * The RateLimit and RateLimit-Policy fields (draft-ietf-httpapi-ratelimit-headers-10), and Retry-After if the quota is
 * exhausted. Empty for a key without limits.
 */
export function rateLimitFields({ minute, day, retryAfterSeconds }: QuotaState): Record<string, string> {
  if (!minute && !day) return {};
  const fields: Record<string, string> = {
    'RateLimit-Policy': list(minute && policyItem('minute', minute), day && policyItem('day', day)),
    RateLimit: list(minute && stateItem('minute', minute), day && stateItem('day', day)),
  };
  if (retryAfterSeconds !== null) fields['Retry-After'] = String(retryAfterSeconds);
  return fields;
}

function list(minute: string | null, day: string | null): string {
  return minute && day ? `${minute}, ${day}` : (minute ?? day ?? '');
}

function policyItem(name: PolicyName, { limit }: LimitState): string {
  return `"${name}";q=${limit};w=${WINDOW_SECONDS[name]}`;
}

function stateItem(name: PolicyName, { remaining, resetSeconds }: LimitState): string {
  return `"${name}";r=${remaining};t=${resetSeconds}`;
}
