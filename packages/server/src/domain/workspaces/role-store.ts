import type { CountedRole, Role } from '../tenancy/role.ts';

/** The roles of a workspace. A role of another workspace is never found, changed or counted. */
export interface RoleStore {
  insert(role: Role): Promise<void>;

  /** Null on a miss. */
  find(workspaceId: string, roleId: string): Promise<CountedRole | null>;

  /** By its name, ignoring case; null on a miss. */
  findByName(workspaceId: string, name: string): Promise<CountedRole | null>;

  /** The system roles, the strongest first, then the others by name. */
  list(workspaceId: string): Promise<CountedRole[]>;

  /** The number of roles, system roles too. */
  count(workspaceId: string): Promise<number>;

  /** Writes name, description, permissions and time of change. */
  update(role: Role): Promise<void>;

  /** Throws if a member has the role: check its `memberCount` in the same transaction. */
  remove(workspaceId: string, roleId: string): Promise<void>;
}
