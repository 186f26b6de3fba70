import type {
  BuiltInPermission,
  CallerKind,
  Catalogue,
  KeyUse,
  Permission,
  RateLimitBody,
} from '@latchkey/contract';
import { AppError } from './app-error.ts';

export type RateLimit = Readonly<RateLimitBody>;

export const UNLIMITED: RateLimit = { requestsPerMinute: null, requestsPerDay: null };

/** The bounds that a key made by a credential may not exceed; null: no bound. */
export interface Bounds {
  /** Milliseconds since 1970. */
  readonly expiresAt: number | null;
  readonly rateLimit: RateLimit;
}

export const UNBOUNDED: Bounds = { expiresAt: null, rateLimit: UNLIMITED };

/** Where a call comes from; null: unknown or missing. It is only recorded, and never used for a decision. */
export interface ClientInfo {
  readonly address: string | null;
  /** The name that the client gives itself, such as its `User-Agent`. */
  readonly agent: string | null;
  readonly requestId: string | null;
}

export const NO_CLIENT: ClientInfo = { address: null, agent: null, requestId: null };

/**
 * The member who made a sign-in link or an invitation, and so could see its token. The session or membership that the token
 * gives works only while the issuer is active, and never has more permissions than the issuer.
 */
export interface Issuer {
  readonly userId: string;
  /** The key that made it, itself or by its session; null: it was made in person. */
  readonly keyId: string | null;
  /** The secret of that key, by its digest; null: none, or made before secrets were recorded. */
  readonly secretDigest: string | null;
}

/** The authenticated caller. All fields but the client come from the credential alone. */
export interface Caller {
  readonly kind: CallerKind;
  readonly workspaceId: string;
  readonly userId: string;
  /** The e-mail address of the user, if the user was read when the caller was authenticated. */
  readonly email?: string;
  /** The key that is the credential, if it is a key. */
  readonly keyId: string | null;
  /** The digest of the secret that is the credential, if it is a key. */
  readonly secretDigest?: string;
  /** The use of the key that is the credential. With `verify`, only endpoints with `verifyKeys` may be called. */
  readonly keyUse?: KeyUse;
  /** The session that is the credential, if it is one that was opened here. */
  readonly sessionId?: string;
  /** The issuer of the link that opened the session; left out: no other member could see what opened it. */
  readonly issuer?: Issuer;
  /** The account of the person who acts, if the credential proves who they are. Keys never do. */
  readonly accountId?: string;
  /** In catalogue order. */
  readonly permissions: ReadonlySet<Permission>;
  readonly bounds: Bounds;
  readonly client: ClientInfo;
}

/** The issuer of a link or invitation that this caller makes; null for the operator, whose links no member sees. */
export function issuerOf({ kind, userId, keyId, secretDigest, issuer }: Caller): Issuer | null {
  if (kind === 'operator') return null;
  return {
    userId,
    keyId: keyId ?? issuer?.keyId ?? null,
    secretDigest: secretDigest ?? issuer?.secretDigest ?? null,
  };
}

/** Throws PERMISSION_DENIED, naming the permission, unless the caller holds it. */
export function requirePermission(caller: Caller, permission: BuiltInPermission): void {
  if (!caller.permissions.has(permission)) throw permissionDenied([permission]);
}

/**
 * The permissions with which a key for verification makes its calls: it may read keys to verify them, and no more. In a
 * workspace that caps keys, it may do so only while its owner may.
 */
export function verifierPermissions(cap: ReadonlySet<Permission> | null): ReadonlySet<Permission> {
  return cap === null || cap.has('api-keys:read') ? VERIFIES : NOTHING;
}

const VERIFIES: ReadonlySet<Permission> = new Set(['api-keys:read']);
const NOTHING: ReadonlySet<Permission> = new Set();

export function permissionDenied(missing: readonly Permission[]): AppError {
  return new AppError('PERMISSION_DENIED', {
    message: `This call needs ${missing.join(', ')}`,
    details: missing.map((field) => ({ field, message: 'is not held by the credential' })),
  });
}

/** The permissions needed to see every key of the workspace. */
const SEES_ALL_KEYS: readonly BuiltInPermission[] = ['api-keys:read', 'api-keys:manage-others'];

/** Throws PERMISSION_DENIED, naming the missing permissions, unless the caller may see every key of the workspace. */
export function requireSeesAllKeys(caller: Caller): void {
  if (seesAllKeys(caller)) return;
  throw permissionDenied(SEES_ALL_KEYS.filter((permission) => !caller.permissions.has(permission)));
}

export function seesAllKeys({ permissions }: Caller): boolean {
  return SEES_ALL_KEYS.every((permission) => permissions.has(permission));
}

/** May the caller see the keys that this user owns? */
export function seesKeysOf(caller: Caller, userId: string): boolean {
  return caller.permissions.has('api-keys:read') && actsFor(caller, userId);
}

/** The owner to whose keys the caller is limited: itself; undefined if it may manage the keys of others. */
export function limitedToOwner({ userId, permissions }: Caller): string | undefined {
  return permissions.has('api-keys:manage-others') ? undefined : userId;
}

/** Is the caller this user, or may it manage the keys of others? */
export function actsFor(caller: Caller, userId: string): boolean {
  return caller.userId === userId || limitedToOwner(caller) === undefined;
}

/** The permissions that are in both sets, in the order of the first. */
export function intersection(
  one: ReadonlySet<Permission>,
  other: ReadonlySet<Permission>,
): ReadonlySet<Permission> {
  const kept = [...one].filter((permission) => other.has(permission));
  return kept.length === one.size ? one : new Set(kept);
}

/** The caller of a command on the host, acting for an owner who does not have a credential yet. */
export function operator(
  { systemRoles }: Catalogue,
  { workspaceId, userId }: Pick<Caller, 'workspaceId' | 'userId'>,
  agent: string | null = null,
): Caller {
  const permissions = new Set(systemRoles.Owner.permissions);
  const client = { ...NO_CLIENT, agent };
  return { kind: 'operator', workspaceId, userId, keyId: null, permissions, bounds: UNBOUNDED, client };
}
