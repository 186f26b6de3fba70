import { AppError } from '../shared/app-error.ts';
import type { Member } from '../tenancy/member.ts';

/** The workspaces in which a credential of an account may act, in this order. */
export interface Place {
  /** The workspace that the token or the request names; null: neither names one. */
  readonly named: string | null;
  /** The default workspace of the account; null: the first one that it joined. */
  readonly byDefault: string | null;
}

/**
 * The member as whom an account acts: in the named workspace; without one in its default, if it is active there; else in
 * the first one that it joined and is active in. `memberships` are all members of the account, in the order of joining. A
 * new membership never changes the choice, and the end of one does not affect the others. Throws MEMBERSHIP_REQUIRED if no
 * member is active.
 */
export function chosenMembership(memberships: readonly Member[], { named, byDefault }: Place): Member {
  const candidates =
    named === null ? memberships : memberships.filter(({ workspaceId }) => workspaceId === named);
  const active = candidates.filter(({ status }) => status === 'active');
  const chosen = active.find(({ workspaceId }) => workspaceId === byDefault) ?? active[0];
  if (!chosen) throw membershipRequired(reason(candidates, named));
  return chosen;
}

export function membershipRequired(message: string): AppError {
  return new AppError('MEMBERSHIP_REQUIRED', { message });
}

function reason(candidates: readonly Member[], named: string | null): string {
  if (candidates.length > 0) return 'You are suspended here: ask an administrator of the workspace';
  return named === null
    ? 'You are not a member of a workspace here: ask for an invitation, or see GET /account for offers'
    : `You are not a member of the workspace ${named}: ask for an invitation, or see GET /account for offers`;
}
