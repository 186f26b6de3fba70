import type { MemberStatus, Permission } from '@latchkey/contract';
import type { Facts } from '../audit/entry.ts';
import { AppError } from '../shared/app-error.ts';
import { type Caller, type ClientInfo, UNBOUNDED } from '../shared/caller.ts';
import type { Page, PageRequest } from '../shared/page.ts';

/** The part of a person that other members see. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly displayName: string;
}

/** A person in one workspace, with the present permissions of their role. The id is only used in this workspace. */
export interface Member extends Person {
  readonly workspaceId: string;
  /** The account that claimed the member with its owner's own credential; null: not claimed. */
  readonly accountId: string | null;
  readonly roleId: string;
  readonly roleName: string;
  /** Has the system role Owner. */
  readonly isOwner: boolean;
  readonly permissions: ReadonlySet<Permission>;
  readonly status: MemberStatus;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The stored row of a membership. */
export interface Membership {
  readonly workspaceId: string;
  readonly userId: string;
  readonly roleId: string;
  readonly status: MemberStatus;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The fields of a member in the audit log. */
export function memberFacts({ roleId, roleName, status }: Member): Facts {
  return { roleId, roleName, status };
}

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

/** The member of the caller's workspace. NOT_FOUND for an unknown user and for one of another workspace. */
export async function visibleMember(
  members: MemberStore,
  caller: Pick<Caller, 'workspaceId'>,
  userId: string,
): Promise<Member> {
  const member = await members.find(caller.workspaceId, userId);
  if (!member) throw new AppError('NOT_FOUND', { message: `No member ${userId}` });
  return member;
}

/** The member if they are active, for verbs that make credentials for them. Null on a miss. */
export async function activeMember(
  members: MemberStore,
  workspaceId: string,
  userId: string,
): Promise<Member | null> {
  const member = await members.find(workspaceId, userId);
  return member?.status === 'active' ? member : null;
}

/** A caller for a member without a key, with all permissions of their role; `accountId` as the credential proves it. */
export function callerOfMember(member: Member, client: ClientInfo, accountId: string | null = null): Caller {
  const { workspaceId, id: userId, email, permissions } = member;
  const person = { kind: 'session', workspaceId, userId, email, keyId: null, permissions } as const;
  return { ...person, bounds: UNBOUNDED, client, ...(accountId !== null && { accountId }) };
}

/** The caller for a member who uses a token of the identity provider. */
export function callerOfToken(member: Member, client: ClientInfo): Caller {
  return { ...callerOfMember(member, client, member.accountId), kind: 'token' };
}
