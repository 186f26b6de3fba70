import type { VerdictBody } from '@latchkey/contract';

type Limits = VerdictBody['rateLimit'];

/** Header fields of a response. */
export type Fields = Readonly<Record<string, string>>;

/** The fields RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10); none for a key without limits. */
export function rateLimitFields(limits: Limits): Fields {
  const policies = [
    { name: 'minute', quota: limits.requestsPerMinute, left: limits.remainingThisMinute, seconds: 60 },
    { name: 'day', quota: limits.requestsPerDay, left: limits.remainingToday, seconds: 86_400 },
  ];
  const known = policies.filter(({ quota, left }) => quota !== null && left !== null);
  if (known.length === 0) return {};
  return {
    'RateLimit-Policy': known
      .map(({ name, quota, seconds }) => `"${name}";q=${quota};w=${seconds}`)
      .join(', '),
    RateLimit: known.map(({ name, left }) => `"${name}";r=${left}`).join(', '),
  };
}
