import type { BuiltInPermission, CallerKind, Permission, RateLimitBody } from '@latchkey/contract';
import { AppError } from './app-error.ts';

export type RateLimit = Readonly<RateLimitBody>;

export const UNLIMITED: RateLimit = { requestsPerMinute: null, requestsPerDay: null };

/** What a key made by a credential may not exceed; null: no bound. */
export interface Bounds {
  /** Milliseconds since 1970. */
  readonly expiresAt: number | null;
  readonly rateLimit: RateLimit;
}

export const UNBOUNDED: Bounds = { expiresAt: null, rateLimit: UNLIMITED };

/** Where a call comes from; null: not known, or there is none. It proves nothing and decides nothing. */
export interface Origin {
  readonly address: string | null;
  /** What the client calls itself. */
  readonly agent: string | null;
  readonly requestId: string | null;
}

export const NO_ORIGIN: Origin = { address: null, agent: null, requestId: null };

/** Who acts. All but the origin is made from a credential and from nothing else. */
export interface Caller {
  readonly kind: CallerKind;
  readonly workspaceId: string;
  readonly userId: string;
  /** The key that is the credential, if it is a key. */
  readonly keyId: string | null;
  /** The session that is the credential, if it is one that was opened here. */
  readonly sessionId?: string;
  /** In catalogue order. */
  readonly permissions: ReadonlySet<Permission>;
  readonly bounds: Bounds;
  readonly origin: Origin;
}

/** Throws PERMISSION_DENIED, naming the permission, unless the caller holds it. */
export function requirePermission(caller: Caller, permission: BuiltInPermission): void {
  if (!caller.permissions.has(permission)) throw permissionDenied([permission]);
}

export function permissionDenied(missing: readonly Permission[]): AppError {
  return new AppError('PERMISSION_DENIED', {
    message: `This call needs ${missing.join(', ')}`,
    details: missing.map((field) => ({ field, message: 'is not held by the credential' })),
  });
}

/** May the caller see and act on what belongs to this user? */
export function actsFor(caller: Caller, userId: string): boolean {
  return caller.userId === userId || caller.permissions.has('api-keys:manage-others');
}
