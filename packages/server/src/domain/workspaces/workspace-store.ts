import type { Workspace } from './workspace.ts';

export interface WorkspaceStore {
  insert(workspace: Workspace): Promise<void>;

  /** Null on a miss. Suspended and deleted ones are found. */
  find(workspaceId: string): Promise<Workspace | null>;

  /** Those in which the user is an active member, but for deleted ones, the oldest first. */
  listOf(userId: string): Promise<Workspace[]>;

  /** How many workspaces, deleted ones apart, have the user as an active owner. */
  countOwnedBy(userId: string): Promise<number>;

  /** Writes name, mode, suspension, deletion and time of change. */
  update(workspace: Workspace): Promise<void>;

  /** Is there any workspace at all? */
  isFounded(): Promise<boolean>;
}
