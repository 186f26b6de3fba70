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
  /** When its secret ends, if a rotation has replaced it. */
  readonly retiresAt: number | null;
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

/** Has the credential ended by itself, however things stand around it? */
export function isOver(lifetime: Lifetime, now: number): boolean {
  const { isActive, expiresAt } = lifetime;
  return isRevoked(lifetime, now) || !isActive || (expiresAt !== null && now >= expiresAt);
}

/** Why a credential can do nothing at all now, in the order of the steps of a verification; null where it is good. */
export function refusalOf(lifetime: Lifetime, standing: Standing, now: number): RefusalCode | null {
  const { isActive, expiresAt } = lifetime;
  if (isRevoked(lifetime, now)) return 'KEY_REVOKED';
  const refusal = workspaceRefusal(standing) ?? ownerRefusal(standing);
  if (refusal) return refusal;
  if (!isActive) return 'KEY_DISABLED';
  return expiresAt !== null && now >= expiresAt ? 'KEY_EXPIRED' : null;
}

function isRevoked({ revokedAt, retiresAt }: Lifetime, now: number): boolean {
  return revokedAt !== null || (retiresAt !== null && now >= retiresAt);
}
