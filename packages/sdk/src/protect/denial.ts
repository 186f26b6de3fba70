import type { DenialCode, VerdictBody } from '@latchkey/contract';
import type { DeniedVerdict } from '../verdict.ts';

/** The code in the body of a denied request. */
export type DeniedCode = DenialCode | 'CREDENTIALS_MISSING';

/** A complete response to a denied request. */
export interface Denial {
  readonly status: number;
  readonly headers: Fields;
  /** JSON in the format of RFC 9457, with the members `code` and, on PERMISSION_DENIED, `missing`. */
  readonly body: string;
}

interface Entry {
  readonly status: 401 | 403 | 429 | 503;
  readonly title: string;
}

const ENTRIES: Readonly<Record<DeniedCode, Entry>> = {
  CREDENTIALS_MISSING: { status: 401, title: 'Send an API key' },
  KEY_INVALID: { status: 401, title: 'The API key is not valid' },
  KEY_DISABLED: { status: 401, title: 'The API key is disabled' },
  KEY_EXPIRED: { status: 401, title: 'The API key has expired' },
  KEY_REVOKED: { status: 401, title: 'The API key has been revoked' },
  PERMISSION_DENIED: { status: 403, title: 'The API key lacks a permission' },
  IP_NOT_ALLOWED: { status: 403, title: 'The API key may not be used from this address' },
  WORKSPACE_SUSPENDED: { status: 403, title: 'The workspace of the API key is suspended' },
  RATE_LIMITED: { status: 429, title: 'The rate limit of the API key is reached' },
  UNAVAILABLE: { status: 503, title: 'The API key cannot be verified right now' },
};

/** Seconds until a client may try again when the key cannot be verified. */
const RETRY_SECONDS = '1';

/** The response to a denied request. `header`: where the route expects the key, if not in Authorization. */
export function denial(code: DeniedCode, header: string | undefined, verdict?: DeniedVerdict): Denial {
  const { status, title } = ENTRIES[code];
  const missing = code === 'PERMISSION_DENIED' ? (verdict?.missing ?? []) : undefined;
  const detail = missing && missing.length > 0 ? `It needs ${missing.join(', ')}` : undefined;
  const retryAfter = status === 503 ? RETRY_SECONDS : verdict?.rateLimit.retryAfterSeconds?.toString();
  const challenge = challengeOf(code, header, missing);
  return {
    status,
    headers: {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      ...(verdict && rateLimitFields(verdict.rateLimit)),
      ...(retryAfter !== undefined && { 'Retry-After': retryAfter }),
      ...(challenge !== undefined && { 'WWW-Authenticate': challenge }),
    },
    body: JSON.stringify({ title, status, detail, code, missing }),
  };
}

/** RFC 6750, section 3; for a key in another header, a scheme of that form. */
function challengeOf(
  code: DeniedCode,
  header: string | undefined,
  missing: readonly string[] | undefined,
): string | undefined {
  const scheme = header === undefined ? ['Bearer'] : [`ApiKey header="${header}"`];
  const challenge = (...parameters: string[]) =>
    [...scheme, ...parameters].join(header === undefined ? ' ' : ', ');
  if (code === 'CREDENTIALS_MISSING') return challenge();
  if (missing) return challenge(`error="insufficient_scope", scope="${missing.join(' ')}"`);
  return ENTRIES[code].status === 401 ? challenge('error="invalid_token"') : undefined;
}

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
