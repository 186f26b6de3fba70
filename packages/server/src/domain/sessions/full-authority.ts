import type { Permission } from '@latchkey/contract';
import { AppError } from '../shared/app-error.ts';
import { type Caller, permissionDenied } from '../shared/caller.ts';
import { type MemberStore, visibleMember } from '../tenancy/member.ts';

/**
 * Throws PERMISSION_DENIED, with the missing permissions, for a key that does not hold all permissions of its owner's role:
 * otherwise it could make a stronger credential than itself. A session without an issuer always passes.
 */
export async function requireFullAuthority(members: MemberStore, caller: Caller): Promise<void> {
  const member = await visibleMember(members, caller, caller.userId);
  const missing = [...member.permissions].filter((permission) => !caller.permissions.has(permission));
  if (missing.length > 0) throw weaker(missing);
  requireUnbounded(caller);
}

/** Throws PERMISSION_DENIED for a key that expires or has limits, since its sessions would not have them. */
export function requireUnbounded(caller: Caller): void {
  if (isBounded(caller))
    throw new AppError('PERMISSION_DENIED', { message: 'A key that expires or has limits cannot do this' });
}

/** Lists the permissions only in the details: a message with a hundred names is not readable. */
function weaker(missing: readonly Permission[]): AppError {
  const { code, details } = permissionDenied(missing);
  const message = `Only a key that holds all that its owner may do can do this; it lacks ${missing.length} of that`;
  return new AppError(code, { message, details });
}

function isBounded({ bounds: { expiresAt, rateLimit } }: Caller): boolean {
  const { requestsPerMinute, requestsPerDay } = rateLimit;
  return expiresAt !== null || requestsPerMinute !== null || requestsPerDay !== null;
}
