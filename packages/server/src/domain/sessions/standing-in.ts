import type { Permission } from '@latchkey/contract';
import { AppError } from '../shared/app-error.ts';
import { type Caller, permissionDenied } from '../shared/caller.ts';
import type { MemberStore } from '../workspaces/member-store.ts';
import { visibleMember } from '../workspaces/visible-member.ts';

/**
 * May the caller do what its user could do in person? A session always, a key only where it is no weaker: PERMISSION_DENIED,
 * with what its owner's role gives and it does not hold. Else a key could become a stronger credential than it is.
 */
export async function requireStandingIn(members: MemberStore, caller: Caller): Promise<void> {
  const member = await visibleMember(members, caller, caller.userId);
  const missing = [...member.permissions].filter((permission) => !caller.permissions.has(permission));
  if (missing.length > 0) throw weaker(missing);
  requireUnbounded(caller);
}

/** Throws PERMISSION_DENIED for a key that expires or has limits, which a session of it would not. */
export function requireUnbounded(caller: Caller): void {
  if (isBounded(caller))
    throw new AppError('PERMISSION_DENIED', { message: 'A key that expires or has limits cannot do this' });
}

/** Named in the details alone: a sentence with a hundred names is none. */
function weaker(missing: readonly Permission[]): AppError {
  const { code, details } = permissionDenied(missing);
  const message = `Only a key that holds all that its owner may do can do this; it lacks ${missing.length} of that`;
  return new AppError(code, { message, details });
}

function isBounded({ bounds: { expiresAt, rateLimit } }: Caller): boolean {
  const { requestsPerMinute, requestsPerDay } = rateLimit;
  return expiresAt !== null || requestsPerMinute !== null || requestsPerDay !== null;
}
