import type { Page, PageRequest } from '../shared/page.ts';
import type { Member, Membership, Person } from './member.ts';

/** The people of each workspace. A person of one workspace is nothing in another; an account may claim several. */
export interface MemberStore {
  /** The person whom the workspace knows by the address, without regard to case, also after they left. Null on a miss. */
  findPerson(workspaceId: string, email: string): Promise<Person | null>;

  /** Fails if the workspace knows another person by the address. */
  insertPerson(workspaceId: string, person: Person, createdAt: number): Promise<void>;

  /** Writes the display name. */
  renamePerson(workspaceId: string, person: Pick<Person, 'id' | 'displayName'>): Promise<void>;

  /** Makes the person one of the account's. A claim that was edited outside the service counts as none. */
  claim(workspaceId: string, userId: string, accountId: string, claimedAt: number): Promise<void>;

  /** Takes the claim away, if there is one. */
  release(workspaceId: string, userId: string): Promise<void>;

  /** Does the workspace know a person whom the account has claimed, even if they left? */
  hasKnown(workspaceId: string, accountId: string): Promise<boolean>;

  insert(membership: Membership): Promise<void>;

  /** Null where the user does not exist or is not a member of this workspace: the two cannot be told apart. */
  find(workspaceId: string, userId: string): Promise<Member | null>;

  /** In the order in which they came: by `createdAt`. */
  list(workspaceId: string, page: PageRequest): Promise<Page<Member>>;

  /** Members with the system role Owner: the active ones first, then by `createdAt`. */
  listOwners(workspaceId: string): Promise<Member[]>;

  /** Active members whom any account has claimed, by `createdAt`. */
  listClaimed(workspaceId: string): Promise<Member[]>;

  /** The members whom the account has claimed, in all workspaces but deleted ones, in the order of the claims. */
  listOf(accountId: string): Promise<Member[]>;

  /** The members who have one of these addresses, in all workspaces but deleted ones, the oldest first. Crosses workspaces. */
  listByAddress(emails: readonly string[]): Promise<Member[]>;

  /** Writes role, status and time of change. */
  update(membership: Membership): Promise<void>;

  remove(workspaceId: string, userId: string): Promise<void>;

  /**
   * How many active members have the system role Owner. In a transaction the answer holds until that ends: no other one
   * takes an owner away meanwhile.
   */
  countActiveOwners(workspaceId: string): Promise<number>;
}
