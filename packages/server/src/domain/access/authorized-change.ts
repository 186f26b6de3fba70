import type { BuiltInPermission, CallerKind, DenialCode, ErrorCode, Permission } from '@latchkey/contract';
import { AppError } from '../shared/app-error.ts';
import { type Bounds, type Caller, intersection, requirePermission } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import { type CredentialStatus, denialOfCredential, type Lifetime } from '../tenancy/credential-status.ts';
import type { Member } from '../tenancy/member.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';
import { type Workspace, workspaceStatus } from '../tenancy/workspace.ts';
import { earlier, issuerNow } from './issuer-now.ts';

/** The stores that contain the present state of a caller, and the audit log of their changes. */
export type CallerStores = Pick<
  WorkspaceStores,
  'workspaces' | 'members' | 'ownedKeys' | 'ownedSessions' | 'descent' | 'audit'
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

/** A change. `caller` is as authenticated again in the transaction; `asked` is the result of `ask`. */
export type AuthorizedWork<Stores, T, Asked = undefined> = (
  stores: Stores,
  caller: PresentCaller,
  now: number,
  asked: Asked,
) => Promise<T>;

/**
 * Runs a change in one transaction, in which the caller is authenticated again first. A credential that has ended since
 * changes nothing, and a narrowed one acts with its remaining permissions. Otherwise a key could make another key while
 * it is being revoked, and the new key would survive.
 *
 * Throws PERMISSION_DENIED unless the caller holds all of `permissions`. If the credential has ended: KEY_REVOKED,
 * KEY_DISABLED or KEY_EXPIRED for a key, SESSION_INVALID for a session, MEMBERSHIP_REQUIRED for a token, and
 * WORKSPACE_SUSPENDED for each. Every verb that changes something as a caller goes through here.
 *
 * `ask` reads rows for `work` concurrently with those of the caller, to save a round trip. It must not throw for what it
 * finds, so that a denied caller does not learn it.
 */
export function changeAuthorized<Stores extends CallerStores, T>(
  needs: ChangeNeeds<Stores>,
  caller: Caller,
  permissions: readonly BuiltInPermission[],
  work: AuthorizedWork<Stores, T>,
): Promise<T>;
export function changeAuthorized<Stores extends CallerStores, T, Asked>(
  needs: ChangeNeeds<Stores>,
  caller: Caller,
  permissions: readonly BuiltInPermission[],
  work: AuthorizedWork<Stores, T, Asked>,
  ask: (stores: Stores) => Promise<Asked>,
): Promise<T>;
export async function changeAuthorized<Stores extends CallerStores, T, Asked>(
  { unitOfWork, clock }: ChangeNeeds<Stores>,
  caller: Caller,
  permissions: readonly BuiltInPermission[],
  work: AuthorizedWork<Stores, T, Asked | undefined>,
  ask: (stores: Stores) => Promise<Asked | undefined> = async () => undefined,
): Promise<T> {
  for (const permission of permissions) requirePermission(caller, permission);
  return unitOfWork.transact(async (stores) => {
    const now = clock.now();
    const [present, asked] = await Promise.all([presentCaller(stores, caller, now), ask(stores)]);
    for (const permission of permissions) requirePermission(present, permission);
    return work(stores, present, now, asked);
  });
}

/** The caller with their present permissions, never more than when authenticated. Reads all rows concurrently. */
async function presentCaller(stores: CallerStores, caller: Caller, now: number): Promise<PresentCaller> {
  const [workspace, found, credential] = await Promise.all([
    stores.workspaces.find(caller.workspaceId),
    stores.members.find(caller.workspaceId, caller.userId),
    storedCredential(stores, caller, now),
    stores.audit.lookAhead(caller.workspaceId, caller.userId),
  ]);
  const member = isStillTheirs(found, caller) ? found : null;
  const roleGives = member?.permissions ?? new Set<Permission>();
  const standing: CredentialStatus = {
    workspace: workspace ? workspaceStatus(workspace) : 'deleted',
    owner: member?.status ?? null,
    cap: workspace?.permissionMode === 'frozen' ? null : roleGives,
  };
  const denial = credential ? denialOfCredential(credential, standing, now) : 'KEY_REVOKED';
  if (!workspace || !member || !credential || denial) throw ended(caller, denial ?? 'KEY_REVOKED');
  // A key keeps permissions that its owner's role no longer gives; a person loses them.
  const given = credential.permissions ?? roleGives;
  const isPerson = caller.keyId === null || standing.cap !== null;
  const permissions = intersection(caller.permissions, isPerson ? intersection(given, roleGives) : given);
  return { ...caller, permissions, bounds: credential.bounds, workspace, member };
}

/** False for a member who was claimed by another account, or by none, since the caller was authenticated. */
function isStillTheirs(member: Member | null, { accountId }: Caller): boolean {
  return accountId === undefined || member?.accountId === accountId;
}

/** The credential of the caller; null if it no longer exists. Without key and session: the permissions of their role. */
async function storedCredential(
  stores: CallerStores,
  { workspaceId, keyId, secretDigest, sessionId, bounds }: Caller,
  now: number,
): Promise<StoredCredential | null> {
  if (keyId !== null) return stores.ownedKeys.calling(workspaceId, keyId, secretDigest ?? null);
  const person = { ...ENDLESS, permissions: null, bounds };
  if (sessionId === undefined) return person;
  const session = await stores.ownedSessions.calling(workspaceId, sessionId);
  if (!session) return null;
  const { expiresAt, issuer } = session;
  if (issuer === null) return { ...person, expiresAt };
  const through = await issuerNow(stores, workspaceId, issuer, now);
  return through && { ...ENDLESS, ...through, expiresAt: earlier(expiresAt, through.endsAt) };
}

const ENDLESS: Lifetime = { revokedAt: null, isActive: true, expiresAt: null, retiresAt: null };

interface StoredCredential extends Lifetime {
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
