import type { Member, Membership, Person } from './member.ts';

/** The people of the service and which workspaces they belong to. */
export interface MemberStore {
  /** Null on a miss. Addresses are the same without regard to case. */
  findPerson(email: string): Promise<Person | null>;

  /** Fails where somebody has the address already. */
  insertPerson(person: Person, createdAt: number): Promise<void>;

  insert(membership: Membership): Promise<void>;

  /** Null where the user does not exist or is not a member of this workspace: the two cannot be told apart. */
  find(workspaceId: string, userId: string): Promise<Member | null>;

  /** In the order in which they came. */
  list(workspaceId: string): Promise<Member[]>;

  /** The memberships of a person in all workspaces but deleted ones, the oldest first. */
  listOf(userId: string): Promise<Member[]>;

  /** Writes role, status and time of change. */
  update(membership: Membership): Promise<void>;

  remove(workspaceId: string, userId: string): Promise<void>;

  /**
   * How many active members have the system role Owner. In a transaction the answer holds until that ends: no other one
   * takes an owner away meanwhile.
   */
  countActiveOwners(workspaceId: string): Promise<number>;
}
