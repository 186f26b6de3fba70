import {
  type checkApiKey,
  ERRORS,
  type ErrorCode,
  type ErrorDetail,
  type Permission,
  type ResultOf,
  type VerdictBody,
} from '@latchkey/contract';
import type { Key } from '../../domain/keys/key.ts';
import type { Failure } from '../../domain/shared/app-error.ts';
import { permissionDenied } from '../../domain/shared/caller.ts';
import {
  type LimitState,
  NO_QUOTA,
  type QuotaState,
} from '../../domain/verification/limits/quota-counters.ts';
import type { Verdict } from '../../domain/verification/verifier.ts';
import type { Answer } from '../pipeline/route.ts';
import { presentInstant, presentKey, presentOptionalInstant } from './key.ts';

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

/** The answer to a key's check of itself. A denial is returned as a Failure, which the caller sends or throws. */
export function presentCheck(verdict: Verdict): Answer<typeof checkApiKey> | Failure {
  const { code, key } = verdict;
  if (code !== 'VALID' || !key) return failureOf(verdict);
  const { workspaceId, name, isActive, rateLimit } = key;
  const expiresAt = presentOptionalInstant(key.expiresAt);
  const result: ResultOf<typeof checkApiKey> = {
    valid: true,
    workspaceId,
    name,
    isActive,
    expiresAt,
    rateLimit,
  };
  return { message: 'API key is valid', result };
}

/** The error of a verdict that is not `VALID`. */
export function failureOf({ code, quota, missing, cost }: Verdict): Failure {
  if (code === 'VALID') return failure('INTERNAL');
  if (code === 'PERMISSION_DENIED') return permissionDenied(missing);
  if (code !== 'RATE_LIMITED') return failure(code);
  const details = (['minute', 'day'] as const).flatMap((field): ErrorDetail[] => {
    const remaining = quota[field]?.remaining ?? cost;
    return remaining < cost ? [{ field, message: shortageText(remaining, cost) }] : [];
  });
  return failure(code, details);
}

function shortageText(remaining: number, cost: number): string {
  return remaining === 0 ? 'is used up' : `has ${remaining} left, but the request costs ${cost}`;
}

function failure(code: ErrorCode, details: readonly ErrorDetail[] = []): Failure {
  return { code, message: ERRORS[code].message, details };
}

const NOT_ASCII = /[\u0080-\uffff]/g;
const LAST_USE = '"lastUsedAt":';
const QUOTA_END = 'null,"remainingToday":null,"retryAfterSeconds":null}}';

/** A verdict on a valid key as JSON, without the parts that change with each use: last use and remaining quota. */
interface WrittenVerdict {
  readonly beforeLastUse: string;
  readonly beforeQuota: string;
}

const written = new WeakMap<Key, WrittenVerdict>();

/**
 * The result of `presentVerdict` as JSON in ASCII. For a valid key it writes only the parts that change from call to call
 * and caches the rest, since serializing all of it takes longer than verifying the key.
 */
export function verdictJson(verdict: Verdict, now: number): string {
  const { code, key, holds, quota } = verdict;
  if (code !== 'VALID' || !key) return asciiJson(presentVerdict(verdict, now));
  const { beforeLastUse, beforeQuota } = writtenVerdict(key, holds, now);
  const lastUse = key.lastUsedAt === null ? 'null' : `"${presentInstant(key.lastUsedAt)}"`;
  const { minute, day, retryAfterSeconds } = quota;
  const left = `${minute?.remaining ?? null},"remainingToday":${day?.remaining ?? null}`;
  return `${beforeLastUse}${lastUse}${beforeQuota}${left},"retryAfterSeconds":${retryAfterSeconds}}}`;
}

/**
 * Returns a one-byte string. V8 stores a string that ever had a wider character, and each string concatenated with it, with
 * two bytes per character. Such an answer takes far longer to send.
 */
function asciiJson(content: unknown): string {
  const text = JSON.stringify(content).replaceAll(NOT_ASCII, escaped);
  return Buffer.from(text, 'latin1').toString('latin1');
}

/**
 * For a valid key. Cached by the key object: if the cap or status of a key changes, it is unpacked into a new object, and
 * so is serialized again.
 */
function writtenVerdict(key: Key, holds: readonly Permission[], now: number): WrittenVerdict {
  const known = written.get(key);
  if (known) return known;
  const unused: Verdict = {
    code: 'VALID',
    key: { ...key, lastUsedAt: null },
    holds,
    missing: [],
    quota: NO_QUOTA,
    cost: 0,
  };
  const text = asciiJson(presentVerdict(unused, now));
  const at = text.indexOf(`${LAST_USE}null`) + LAST_USE.length;
  const parts = {
    beforeLastUse: text.slice(0, at),
    beforeQuota: text.slice(at + 'null'.length, -QUOTA_END.length),
  };
  written.set(key, parts);
  return parts;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

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
