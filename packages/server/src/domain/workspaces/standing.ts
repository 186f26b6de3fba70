import type { MemberStatus, Permission, WorkspaceStatus } from '@latchkey/contract';

/** How things stand around a key: what can end or narrow it although nobody has touched the key itself. */
export interface Standing {
  readonly workspace: WorkspaceStatus;
  /** Null: the owner is no member of the workspace any more. */
  readonly owner: MemberStatus | null;
  /** What the owner's role gives now, where the workspace caps keys by it; null: its keys are frozen. */
  readonly cap: ReadonlySet<Permission> | null;
}
