import type { Page, PageRequest } from '../shared/page.ts';
import type { Member, Membership, Person } from '../tenancy/member.ts';

/** The people of each workspace. Each person belongs to one workspace; an account may claim several of them. */
export interface MemberStore {
  /** The person with the address in the workspace, ignoring case, also after they left. Null on a miss. */
  findPerson(workspaceId: string, email: string): Promise<Person | null>;

  /** Throws if another person in the workspace has the address. */
  insertPerson(workspaceId: string, person: Person, createdAt: number): Promise<void>;

  /** Writes the display name. */
  renamePerson(workspaceId: string, person: Pick<Person, 'id' | 'displayName'>): Promise<void>;

  /** Assigns the person to the account. A claim that was edited outside the service is ignored. */
  claim(workspaceId: string, userId: string, accountId: string, claimedAt: number): Promise<void>;

  /** Removes the claim of an account on the person, if there is one. */
  release(workspaceId: string, userId: string): Promise<void>;

  /** Does the workspace have a person whom the account has claimed, even if they left? */
  hasKnown(workspaceId: string, accountId: string): Promise<boolean>;

  insert(membership: Membership): Promise<void>;

  /** Null if the user does not exist or is not a member of this workspace. */
  find(workspaceId: string, userId: string): Promise<Member | null>;

  /** All members, by `createdAt`. */
  list(workspaceId: string, page: PageRequest): Promise<Page<Member>>;

  /** Members with the system role Owner: the active ones first, then by `createdAt`. */
  listOwners(workspaceId: string): Promise<Member[]>;

  /** Active members whom any account has claimed, by `createdAt`. */
  listClaimed(workspaceId: string): Promise<Member[]>;

  /** The members whom the account has claimed, in all workspaces but deleted ones, in the order of the claims. */
  listOf(accountId: string): Promise<Member[]>;

  /** The members with one of these addresses, in all workspaces that are not deleted, the oldest first. */
  listByAddress(emails: readonly string[]): Promise<Member[]>;

  /** Writes role, status and time of change. */
  update(membership: Membership): Promise<void>;

  remove(workspaceId: string, userId: string): Promise<void>;

  /**
   * The number of active members with the system role Owner. In a transaction, no other transaction can change the number
   * until this one ends.
   */
  countActiveOwners(workspaceId: string): Promise<number>;
}
