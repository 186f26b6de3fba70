import { newId } from '../../domain/shared/id.ts';
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

/** Header fields of every answer of the API. HTML pages have more. */
export const API_FIELDS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
} as const;

/** The digits of ids (Crockford's base 32, in lower case). */
const DIGITS = [...'0123456789abcdefghjkmnpqrstvwxyz'];
/** The suffix of the ids of one millisecond: a counter (RFC 9562, section 6.2), since random numbers are slow. */
const ENDINGS = DIGITS.flatMap((first) => DIGITS.map((second) => first + second));
const ENDING_LENGTH = 2;

let drawnAt = Number.NaN;
let beginning = '';
let used = 0;

/** A new request id, in the format of every id. Ids of the same millisecond may differ in their last two digits only. */
export function newRequestId(): string {
  const now = Date.now();
  if (now !== drawnAt || used === ENDINGS.length) {
    drawnAt = now;
    beginning = newId('req').slice(0, -ENDING_LENGTH);
    used = 0;
  }
  return beginning + ENDINGS[used++];
}
