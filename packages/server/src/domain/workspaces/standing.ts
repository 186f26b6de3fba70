import type { MemberStatus, Permission, RefusalCode, WorkspaceStatus } from '@latchkey/contract';

/** How things stand around a key: what can end or narrow it although nobody has touched the key itself. */
export interface Standing {
  readonly workspace: WorkspaceStatus;
  /** Null: the owner is no member of the workspace any more. */
  readonly owner: MemberStatus | null;
  /** What the owner's role gives now, where the workspace caps keys by it; null: its keys are frozen. */
  readonly cap: ReadonlySet<Permission> | null;
}

/** What can end a credential by itself. Instants are milliseconds since 1970; null: never. */
export interface Lifetime {
  readonly revokedAt: number | null;
  readonly isActive: boolean;
  /** It is good while `now < expiresAt`, to the millisecond. */
  readonly expiresAt: number | null;
}

const WORKSPACE_REFUSALS = {
  active: null,
  suspended: 'WORKSPACE_SUSPENDED',
  deleted: 'KEY_REVOKED',
} as const satisfies Record<WorkspaceStatus, RefusalCode | null>;

/** What the workspace has against every key of it; null: nothing. */
export function workspaceRefusal({ workspace }: Standing): RefusalCode | null {
  return WORKSPACE_REFUSALS[workspace];
}

/** What the owner's membership has against their keys; null: nothing. */
export function ownerRefusal({ owner }: Standing): RefusalCode | null {
  if (owner === null) return 'KEY_REVOKED';
  return owner === 'suspended' ? 'KEY_DISABLED' : null;
}

/** Is the credential over by itself, however things stand around it? */
export function isOver({ revokedAt, isActive, expiresAt }: Lifetime, now: number): boolean {
  return revokedAt !== null || !isActive || (expiresAt !== null && now >= expiresAt);
}

/** Why a credential can do nothing at all now, in the order of the steps of a verification; null where it is good. */
export function refusalOf(
  { revokedAt, isActive, expiresAt }: Lifetime,
  standing: Standing,
  now: number,
): RefusalCode | null {
  if (revokedAt !== null) return 'KEY_REVOKED';
  const refusal = workspaceRefusal(standing) ?? ownerRefusal(standing);
  if (refusal) return refusal;
  if (!isActive) return 'KEY_DISABLED';
  return expiresAt !== null && now >= expiresAt ? 'KEY_EXPIRED' : null;
}
