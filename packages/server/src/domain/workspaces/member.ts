import type { MemberStatus, Permission } from '@latchkey/contract';
import type { Facts } from '../audit/entry.ts';

/** A person as others see them. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly displayName: string;
}

/** A person in one workspace, with what their role lets them do now. The id is of this workspace alone. */
export interface Member extends Person {
  readonly workspaceId: string;
  /** The account that has claimed the member with a credential of its owner; null: the member is local. */
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

/** That somebody belongs to a workspace, as it is written. */
export interface Membership {
  readonly workspaceId: string;
  readonly userId: string;
  readonly roleId: string;
  readonly status: MemberStatus;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What the audit log keeps of a member. */
export function memberFacts({ roleId, roleName, status }: Member): Facts {
  return { roleId, roleName, status };
}
