import type { Workspace } from '../tenancy/workspace.ts';

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

  /** The first workspace of the service, which the operator made; null: the service was not set up yet. */
  first(): Promise<Workspace | null>;

  /** The oldest workspace that is not deleted; null if there is none. */
  firstKept(): Promise<Workspace | null>;
}
