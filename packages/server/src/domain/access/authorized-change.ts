import type { BuiltInPermission, CallerKind, DenialCode, ErrorCode, Permission } from '@latchkey/contract';
import { AppError } from '../shared/app-error.ts';
import { type Bounds, type Caller, intersection, requirePermission } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import type { StoredCredential } from '../tenancy/caller-context.ts';
import { type CredentialStatus, denialOfCredential, type Lifetime } from '../tenancy/credential-status.ts';
import type { Member } from '../tenancy/member.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';
import { type Workspace, workspaceStatus } from '../tenancy/workspace.ts';
import { earlier, issuerNow } from './issuer-now.ts';

/** The stores that contain the present state of a caller, and the audit log of their changes. */
export type CallerStores = Pick<
  WorkspaceStores,
  'callers' | 'members' | 'ownedKeys' | 'ownedSessions' | 'descent' | 'audit'
>;

export interface ChangeNeeds<Stores extends CallerStores> {
  readonly unitOfWork: UnitOfWork<Stores>;
  readonly clock: Clock;
}

/** A caller within a change. Member and workspace are active, and as they were when the change began. */
export interface PresentCaller extends Caller {
  readonly workspace: Workspace;
  readonly member: Member;
}

/**
 * Runs a change in one transaction, in which the caller is authenticated again first. A credential that has ended since
 * changes nothing, and a narrowed one acts with its remaining permissions. Otherwise a key could make another key while
 * it is being revoked, and the new key would survive.
 *
 * Throws PERMISSION_DENIED unless the caller holds all of `permissions`. If the credential has ended: KEY_REVOKED,
 * KEY_DISABLED or KEY_EXPIRED for a key, SESSION_INVALID for a session, MEMBERSHIP_REQUIRED for a token, and
 * WORKSPACE_SUSPENDED for each. Every verb that changes something as a caller goes through here.
 */
export async function changeAuthorized<Stores extends CallerStores, T>(
  { unitOfWork, clock }: ChangeNeeds<Stores>,
  caller: Caller,
  permissions: readonly BuiltInPermission[],
  work: (stores: Stores, caller: PresentCaller, now: number) => Promise<T>,
): Promise<T> {
  for (const permission of permissions) requirePermission(caller, permission);
  return unitOfWork.transact(async (stores) => {
    const now = clock.now();
    const present = await presentCaller(stores, caller, now);
    for (const permission of permissions) requirePermission(present, permission);
    return work(stores, present, now);
  });
}

/** The caller with their present permissions, never more than when authenticated. */
async function presentCaller(stores: CallerStores, caller: Caller, now: number): Promise<PresentCaller> {
  const { workspace, ...found } = await stores.callers.load(caller.workspaceId, caller.userId, caller);
  const member = isStillTheirs(found.member, caller) ? found.member : null;
  const credential = found.credential && (await authorityOf(found.credential, stores, caller, now));
  const roleGives = member?.permissions ?? new Set<Permission>();
  const status: CredentialStatus = {
    workspace: workspace ? workspaceStatus(workspace) : 'deleted',
    owner: member?.status ?? null,
    cap: workspace?.permissionMode === 'frozen' ? null : roleGives,
  };
  const denial = credential ? denialOfCredential(credential, status, now) : 'KEY_REVOKED';
  if (!workspace || !member || !credential || denial) throw ended(caller, denial ?? 'KEY_REVOKED');
  // A key keeps permissions that its owner's role no longer gives; a person loses them.
  const given = credential.permissions ?? roleGives;
  const isPerson = caller.keyId === null || status.cap !== null;
  const permissions = intersection(caller.permissions, isPerson ? intersection(given, roleGives) : given);
  return { ...caller, email: member.email, permissions, bounds: credential.bounds, workspace, member };
}

/** False for a member who was claimed by another account, or by none, since the caller was authenticated. */
function isStillTheirs(member: Member | null, { accountId }: Caller): boolean {
  return accountId === undefined || member?.accountId === accountId;
}

/** The authority of the caller's credential; null if it depends on an issuer who is not active. */
async function authorityOf(
  credential: StoredCredential,
  stores: CallerStores,
  { workspaceId, bounds }: Caller,
  now: number,
): Promise<Authority | null> {
  if (credential.kind === 'key') return credential.key;
  const person = { ...ENDLESS, permissions: null, bounds };
  if (credential.kind === 'none') return person;
  const { expiresAt, issuer } = credential.session;
  if (issuer === null) return { ...person, expiresAt };
  const through = await issuerNow(stores, workspaceId, issuer, now);
  return through && { ...ENDLESS, ...through, expiresAt: earlier(expiresAt, through.endsAt) };
}

const ENDLESS: Lifetime = { revokedAt: null, isActive: true, expiresAt: null, retiresAt: null };

interface Authority extends Lifetime {
  /** Null: all permissions of the caller's role. */
  readonly permissions: ReadonlySet<Permission> | null;
  readonly bounds: Bounds;
}

/** The error code with which authentication denies an ended credential of each kind. */
const ENDED = {
  session: 'SESSION_INVALID',
  token: 'MEMBERSHIP_REQUIRED',
  operator: 'PERMISSION_DENIED',
} as const satisfies Record<Exclude<CallerKind, 'key'>, ErrorCode>;

function ended({ kind }: Caller, denial: DenialCode): AppError {
  return new AppError(kind === 'key' || denial === 'WORKSPACE_SUSPENDED' ? denial : ENDED[kind]);
}
