import type { PermissionMode, WorkspaceStatus } from '@latchkey/contract';
import type { Facts } from '../audit/entry.ts';

export interface Workspace {
  readonly id: string;
  readonly name: string;
  /** The first two parts of the text of its keys: `lk_live_…`. Lower-case letters and digits. */
  readonly keyPrefix: string;
  readonly keyEnvironment: string;
  readonly permissionMode: PermissionMode;
  /** Milliseconds since 1970, as every instant of the domain. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly suspendedAt: number | null;
  /** A deleted workspace stays in the database, but its keys, sessions and members no longer work. */
  readonly deletedAt: number | null;
}

/** Deleted takes precedence over suspended, since a deletion is permanent. */
export function workspaceStatus({
  suspendedAt,
  deletedAt,
}: Pick<Workspace, 'suspendedAt' | 'deletedAt'>): WorkspaceStatus {
  if (deletedAt !== null) return 'deleted';
  return suspendedAt === null ? 'active' : 'suspended';
}

/** The fields of a workspace in the audit log. */
export function workspaceFacts(workspace: Workspace): Facts {
  const { name, keyPrefix, keyEnvironment, permissionMode, deletedAt } = workspace;
  return { name, keyPrefix, keyEnvironment, permissionMode, isDeleted: deletedAt !== null };
}
