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

export interface WorkspaceStore {
  /** `madeBy`: the member of another workspace who made it; null: the operator. */
  insert(workspace: Workspace, madeBy: string | null): Promise<void>;

  /** Null on a miss. Suspended and deleted ones are found. */
  find(workspaceId: string): Promise<Workspace | null>;

  /** The `madeBy` of `insert`; null on a miss too. */
  makerOf(workspaceId: string): Promise<string | null>;

  /** The number of workspaces, without deleted ones, that any of these members has made. */
  countMadeBy(userIds: readonly string[]): Promise<number>;

  /** Writes name, mode, suspension, deletion and time of change. */
  update(workspace: Workspace): Promise<void>;

  /** Fails the transaction if another one, which ran at the same time, has called it too. */
  reserveFirst(now: number): Promise<void>;

  /** The first workspace of the service, which the operator made; null: the service was not set up yet. */
  first(): Promise<Workspace | null>;

  /** The oldest workspace that is not deleted; null if there is none. */
  firstKept(): Promise<Workspace | null>;
}
