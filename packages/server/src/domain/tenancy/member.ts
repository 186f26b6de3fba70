import type { MemberStatus, Permission } from '@latchkey/contract';
import type { Facts } from '../audit/entry.ts';

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
