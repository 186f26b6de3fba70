import type { Permission } from '@latchkey/contract';
import { issuerNow } from '../access/issuer-now.ts';
import { AppError } from '../shared/app-error.ts';
import { type Bounds, type Issuer, intersection, UNBOUNDED } from '../shared/caller.ts';
import { activeMember, type Member } from '../tenancy/member.ts';
import { workspaceStatus } from '../tenancy/workspace.ts';
import type { SessionStores } from './stores.ts';

/** The member to sign in, and the issuer of their link. */
export interface SignInSubject {
  readonly workspaceId: string;
  readonly userId: string;
  /** The session works only while the issuer does; left out or null: no other member could see its link. */
  readonly issuer?: Issuer | null;
  /** The account that the person has proven to own; left out or null: none. */
  readonly accountId?: string | null;
}

/** The stores that decide whether a member may be signed in. */
export type SignInSubjectStores = Pick<SessionStores, 'workspaces' | 'members' | 'ownedKeys'>;

/** A member who may be signed in, with the permissions and bounds of their session. */
export interface Present {
  readonly member: Member;
  readonly permissions: ReadonlySet<Permission>;
  readonly bounds: Bounds;
}

/**
 * The member, if they may be signed in: workspace, member and issuer are active, the member belongs to the account, if one
 * is given, and the key of the issuer is valid. A session with an issuer never has more permissions than the issuer, also
 * when the member's role gets more. Null if they may not; throws WORKSPACE_SUSPENDED.
 */
export async function presentMember(
  stores: SignInSubjectStores,
  { workspaceId, userId, issuer = null, accountId = null }: SignInSubject,
  now: number,
): Promise<Present | null> {
  const { workspaces, members } = stores;
  const member = await activeMember(members, workspaceId, userId);
  const workspace = await workspaces.find(workspaceId);
  if (!member || !workspace || workspaceStatus(workspace) === 'deleted') return null;
  if (accountId !== null && member.accountId !== accountId) return null;
  if (workspaceStatus(workspace) === 'suspended') throw new AppError('WORKSPACE_SUSPENDED');
  if (issuer === null) return { member, permissions: member.permissions, bounds: UNBOUNDED };
  const through = await issuerNow(stores, workspaceId, issuer, now);
  if (!through) return null;
  return {
    member,
    permissions: intersection(member.permissions, through.permissions),
    bounds: through.bounds,
  };
}
