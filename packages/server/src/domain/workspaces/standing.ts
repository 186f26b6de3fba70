import type { ErrorCode, MemberStatus, Permission, WorkspaceStatus } from '@latchkey/contract';

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

export type Refusal = Extract<
  ErrorCode,
  'KEY_REVOKED' | 'WORKSPACE_SUSPENDED' | 'KEY_DISABLED' | 'KEY_EXPIRED'
>;

/** Why a credential can do nothing at all now, the gravest reason first; null where it is good. */
export function refusalOf(
  { revokedAt, isActive, expiresAt }: Lifetime,
  { workspace, owner }: Standing,
  now: number,
): Refusal | null {
  if (revokedAt !== null || workspace === 'deleted') return 'KEY_REVOKED';
  if (workspace === 'suspended') return 'WORKSPACE_SUSPENDED';
  if (owner === null) return 'KEY_REVOKED';
  if (owner === 'suspended' || !isActive) return 'KEY_DISABLED';
  return expiresAt !== null && now >= expiresAt ? 'KEY_EXPIRED' : null;
}
