import { AppError } from '../shared/app-error.ts';
import type { Member } from '../workspaces/member.ts';

/**
 * In which of their workspaces somebody acts: the one that is named, else the only one in which they are active. Throws
 * MEMBERSHIP_REQUIRED where that is none, or not clear.
 */
export function chosenMembership(memberships: readonly Member[], workspaceId: string | null): Member {
  const candidates =
    workspaceId === null ? memberships : memberships.filter((member) => member.workspaceId === workspaceId);
  const active = candidates.filter(({ status }) => status === 'active');
  const [only, ...others] = active;
  if (only && others.length === 0) return only;
  throw membershipRequired(reason(candidates, active, workspaceId));
}

export function membershipRequired(message: string): AppError {
  return new AppError('MEMBERSHIP_REQUIRED', { message });
}

function reason(
  candidates: readonly Member[],
  active: readonly Member[],
  workspaceId: string | null,
): string {
  if (active.length > 1) return 'You belong to several workspaces: get a token that names one of them';
  if (candidates.length > 0) return 'You are suspended here: ask an administrator of the workspace';
  return workspaceId === null
    ? 'You are no member of a workspace here: ask for an invitation'
    : `You are no member of the workspace ${workspaceId} that the token names: ask for an invitation`;
}
