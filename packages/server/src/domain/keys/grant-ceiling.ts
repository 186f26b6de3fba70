import type { ErrorDetail, KeyUse, Permission } from '@latchkey/contract';
import { AppError } from '../shared/app-error.ts';
import type { Caller, RateLimit } from '../shared/caller.ts';
import { exceeds } from './key.ts';

/** The request for a key. A field that is left out gets what the caller can give; null means unlimited. */
export interface GrantRequest {
  readonly permissions?: readonly Permission[] | undefined;
  /** Milliseconds since 1970; null: never. */
  readonly expiresAt?: number | null | undefined;
  /** Null: no limits. A limit that is left out is inherited. */
  readonly rateLimit?:
    | { readonly [Limit in keyof RateLimit]?: RateLimit[Limit] | undefined }
    | null
    | undefined;
  /** Left out: `api`. A key for verification gets no permissions. */
  readonly use?: KeyUse | undefined;
}

export interface Grant {
  /** In catalogue order. */
  readonly permissions: readonly Permission[];
  readonly expiresAt: number | null;
  readonly rateLimit: RateLimit;
  readonly use: KeyUse;
}

export type GrantDecision =
  | { readonly granted: Grant; readonly ceiling: ReadonlySet<Permission> }
  | {
      readonly denied: 'PERMISSION_ESCALATION' | 'LIMIT_ESCALATION';
      readonly details: readonly ErrorDetail[];
    };

/**
 * The ceiling: the most that a caller may give to a key of this owner. Every verb that makes or widens a key calls this.
 *
 * Permissions: at most what the caller holds and the owner holds now; left out is all of that, `[]` is none. Expiry and
 * limits: at most those of the caller, if the caller is a key. A key for verification reads keys, so that both need
 * `api-keys:read`. A request above the ceiling is denied, never reduced.
 */
export function grantCeiling(
  caller: Caller,
  ownerHolds: ReadonlySet<Permission>,
  request: GrantRequest,
): GrantDecision {
  const ceiling = grantablePermissions(caller, ownerHolds);
  const { use = 'api' } = request;
  if (use === 'verify' && !ceiling.has('api-keys:read'))
    return { denied: 'PERMISSION_ESCALATION', details: [notHeld('api-keys:read', 'use')] };
  const wanted = new Set(request.permissions ?? (use === 'verify' ? [] : ceiling));
  const above = [...wanted].filter((permission) => !ceiling.has(permission));
  if (above.length > 0)
    return { denied: 'PERMISSION_ESCALATION', details: above.map((permission) => notHeld(permission)) };

  const { bounds } = caller;
  const expiresAt = request.expiresAt === undefined ? bounds.expiresAt : request.expiresAt;
  const rateLimit = inherit(request.rateLimit, bounds.rateLimit);
  const details = beyond(expiresAt, rateLimit, caller);
  if (details.length > 0) return { denied: 'LIMIT_ESCALATION', details };
  const permissions = [...ceiling].filter((permission) => wanted.has(permission));
  return { granted: { permissions, expiresAt, rateLimit, use }, ceiling };
}

/** The permissions of the ceiling: those that the caller and the owner both hold. */
export function grantablePermissions(
  caller: Caller,
  ownerHolds: ReadonlySet<Permission>,
): ReadonlySet<Permission> {
  return new Set([...caller.permissions].filter((permission) => ownerHolds.has(permission)));
}

/** `grantCeiling`, which throws PERMISSION_ESCALATION or LIMIT_ESCALATION if the request is denied. */
export function requireGrant(
  caller: Caller,
  ownerHolds: ReadonlySet<Permission>,
  request: GrantRequest,
): Extract<GrantDecision, { granted: Grant }> {
  const decision = grantCeiling(caller, ownerHolds, request);
  if ('denied' in decision) throw new AppError(decision.denied, { details: decision.details });
  return decision;
}

function inherit(requested: GrantRequest['rateLimit'], bounds: RateLimit): RateLimit {
  if (requested === null) return { requestsPerMinute: null, requestsPerDay: null };
  const { requestsPerMinute = bounds.requestsPerMinute, requestsPerDay = bounds.requestsPerDay } =
    requested ?? {};
  return { requestsPerMinute, requestsPerDay };
}

function beyond(expiresAt: number | null, rateLimit: RateLimit, { bounds }: Caller): ErrorDetail[] {
  const details: ErrorDetail[] = [];
  if (exceeds(expiresAt, bounds.expiresAt)) {
    details.push({
      field: 'expiresAt',
      message: `may be at most ${instant(bounds.expiresAt)}, when the creating key expires`,
    });
  }
  for (const limit of ['requestsPerMinute', 'requestsPerDay'] as const) {
    if (exceeds(rateLimit[limit], bounds.rateLimit[limit])) {
      details.push({
        field: `rateLimit.${limit}`,
        message: `may be at most ${bounds.rateLimit[limit]}, as for the creating key`,
      });
    }
  }
  return details;
}

function notHeld(permission: Permission, field = 'permissions'): ErrorDetail {
  return { field, message: `${permission} is not held by both the creator and the owner` };
}

function instant(ms: number | null): string {
  return ms === null ? 'never' : new Date(ms).toISOString();
}
