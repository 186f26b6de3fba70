import type { Member, Person, Workspace } from './workspace.ts';

/** Workspaces and who belongs to them. */
export interface WorkspaceStore {
  insertWorkspace(workspace: Workspace): Promise<void>;

  /** Adds a person who is new to the service, with a role in this workspace. */
  insertMember(
    workspaceId: string,
    person: Person,
    roleName: Member['roleName'],
    createdAt: number,
  ): Promise<void>;

  /** Null on a miss. */
  findWorkspace(workspaceId: string): Promise<Workspace | null>;

  /** Null where the user does not exist or is not a member of this workspace: the two cannot be told apart. */
  findMember(workspaceId: string, userId: string): Promise<Member | null>;

  /** Is there any workspace at all? */
  isFounded(): Promise<boolean>;
}
