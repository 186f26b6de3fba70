import type { DenialCode, MemberStatus, Permission, WorkspaceStatus } from '@latchkey/contract';

/** The state of a key's workspace and owner, which can end or narrow the key although the key itself has not changed. */
export interface CredentialStatus {
  readonly workspace: WorkspaceStatus;
  /** Null: the owner has left the workspace. */
  readonly owner: MemberStatus | null;
  /** The present permissions of the owner's role, if the workspace caps keys by it; null: its keys are frozen. */
  readonly cap: ReadonlySet<Permission> | null;
}

/** What can end a credential by itself. Instants are milliseconds since 1970; null: never. */
export interface Lifetime {
  readonly revokedAt: number | null;
  readonly isActive: boolean;
  /** Valid while `now < expiresAt`, to the millisecond. */
  readonly expiresAt: number | null;
  /** When its secret ends, if a rotation has replaced it. */
  readonly retiresAt: number | null;
}

const WORKSPACE_REFUSALS = {
  active: null,
  suspended: 'WORKSPACE_SUSPENDED',
  deleted: 'KEY_REVOKED',
} as const satisfies Record<WorkspaceStatus, DenialCode | null>;

/** The code with which the workspace's status denies all its keys; null: none. */
export function denialByWorkspace({ workspace }: CredentialStatus): DenialCode | null {
  return WORKSPACE_REFUSALS[workspace];
}

/** The code with which the owner's membership denies their keys; null: none. */
export function denialByOwner({ owner }: CredentialStatus): DenialCode | null {
  if (owner === null) return 'KEY_REVOKED';
  return owner === 'suspended' ? 'KEY_DISABLED' : null;
}

/** Has the credential itself ended, regardless of its workspace and owner? */
export function hasEnded(lifetime: Lifetime, now: number): boolean {
  const { isActive, expiresAt } = lifetime;
  return isRevoked(lifetime, now) || !isActive || (expiresAt !== null && now >= expiresAt);
}

/** The first reason to deny a credential, in the order of the verification steps; null if it is valid. */
export function denialOfCredential(
  lifetime: Lifetime,
  standing: CredentialStatus,
  now: number,
): DenialCode | null {
  const { isActive, expiresAt } = lifetime;
  if (isRevoked(lifetime, now)) return 'KEY_REVOKED';
  const denial = denialByWorkspace(standing) ?? denialByOwner(standing);
  if (denial) return denial;
  if (!isActive) return 'KEY_DISABLED';
  return expiresAt !== null && now >= expiresAt ? 'KEY_EXPIRED' : null;
}

function isRevoked({ revokedAt, retiresAt }: Lifetime, now: number): boolean {
  return revokedAt !== null || (retiresAt !== null && now >= retiresAt);
}
