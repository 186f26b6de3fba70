import type { LimitState, QuotaState } from '../domain/verification/limits/quota-counters.ts';

const WINDOW_SECONDS = { minute: 60, day: 86_400 } as const;

type PolicyName = keyof typeof WINDOW_SECONDS;

/**
 * The RateLimit and RateLimit-Policy fields (draft-ietf-httpapi-ratelimit-headers-10) and, where quota was refused,
 * Retry-After. A key without limits has no policy to speak of, and gets none.
 */
export function rateLimitFields(quota: QuotaState): Record<string, string> {
  const policies = (['minute', 'day'] as const).flatMap((name) => {
    const state = quota[name];
    return state ? [{ name, state }] : [];
  });
  if (policies.length === 0) return {};
  return {
    'RateLimit-Policy': policies.map(({ name, state }) => policyItem(name, state)).join(', '),
    RateLimit: policies.map(({ name, state }) => stateItem(name, state)).join(', '),
    ...(quota.retryAfterSeconds !== null && { 'Retry-After': String(quota.retryAfterSeconds) }),
  };
}

function policyItem(name: PolicyName, { limit }: LimitState): string {
  return `"${name}";q=${limit};w=${WINDOW_SECONDS[name]}`;
}

function stateItem(name: PolicyName, { remaining, resetSeconds }: LimitState): string {
  return `"${name}";r=${remaining};t=${resetSeconds}`;
}
