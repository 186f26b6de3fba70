import type { BuiltInPermission, CallerKind, ErrorCode, Permission, RefusalCode } from '@latchkey/contract';
import { AppError } from '../shared/app-error.ts';
import { type Bounds, type Caller, requirePermission } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import { both } from './both.ts';
import { earlier, issuerNow } from './issuer-now.ts';
import type { Member } from './member.ts';
import { type Lifetime, refusalOf, type Standing } from './standing.ts';
import { type Workspace, workspaceStatus } from './workspace.ts';
import type { WorkspaceStores } from './workspace-stores.ts';

/** The stores that tell how things stand around a caller, and where what they change is written down. */
export type CallerStores = Pick<
  WorkspaceStores,
  'workspaces' | 'members' | 'ownedKeys' | 'ownedSessions' | 'descent' | 'audit'
>;

export interface ChangeNeeds<Stores extends CallerStores> {
  readonly unitOfWork: UnitOfWork<Stores>;
  readonly clock: Clock;
}

/** A caller as they stand in a change: active, in a workspace that is, both as they were when the change began. */
export interface PresentCaller extends Caller {
  readonly workspace: Workspace;
  readonly member: Member;
}

/** A change, given the stores of its transaction, the caller as they stand in it, its instant, and what it asked for. */
export type Work<Stores, T, Asked = undefined> = (
  stores: Stores,
  caller: PresentCaller,
  now: number,
  asked: Asked,
) => Promise<T>;

/**
 * Runs a change in one transaction, after looking at the caller again in it: a credential that has ended since it was
 * authenticated changes nothing, and one that has been narrowed acts with what is left. Else a key could make another
 * one behind the back of its own revocation, and that one would live on.
 *
 * Throws PERMISSION_DENIED unless the caller holds all of `permissions`. Where the credential has ended: KEY_REVOKED,
 * KEY_DISABLED or KEY_EXPIRED for a key, SESSION_INVALID for a session, MEMBERSHIP_REQUIRED for a token, and
 * WORKSPACE_SUSPENDED for each. Every verb that changes something as a caller goes through here.
 *
 * `ask` reads what the work will need whoever the caller is, along with what stands around the caller. It judges nothing:
 * a caller who is refused learns nothing of it.
 */
export function changeAs<Stores extends CallerStores, T>(
  needs: ChangeNeeds<Stores>,
  caller: Caller,
  permissions: readonly BuiltInPermission[],
  work: Work<Stores, T>,
): Promise<T>;
export function changeAs<Stores extends CallerStores, T, Asked>(
  needs: ChangeNeeds<Stores>,
  caller: Caller,
  permissions: readonly BuiltInPermission[],
  work: Work<Stores, T, Asked>,
  ask: (stores: Stores) => Promise<Asked>,
): Promise<T>;
export async function changeAs<Stores extends CallerStores, T, Asked>(
  { unitOfWork, clock }: ChangeNeeds<Stores>,
  caller: Caller,
  permissions: readonly BuiltInPermission[],
  work: Work<Stores, T, Asked | undefined>,
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

/** The caller with what they hold now, and never more than they were authenticated with. All is asked for at once. */
async function presentCaller(stores: CallerStores, caller: Caller, now: number): Promise<PresentCaller> {
  const [workspace, found, credential] = await Promise.all([
    stores.workspaces.find(caller.workspaceId),
    stores.members.find(caller.workspaceId, caller.userId),
    storedCredential(stores, caller, now),
    stores.audit.lookAhead(caller.workspaceId, caller.userId),
  ]);
  const member = isStillTheirs(found, caller) ? found : null;
  const roleGives = member?.permissions ?? new Set<Permission>();
  const standing: Standing = {
    workspace: workspace ? workspaceStatus(workspace) : 'deleted',
    owner: member?.status ?? null,
    cap: workspace?.permissionMode === 'frozen' ? null : roleGives,
  };
  const refusal = credential ? refusalOf(credential, standing, now) : 'KEY_REVOKED';
  if (!workspace || !member || !credential || refusal) throw ended(caller, refusal ?? 'KEY_REVOKED');
  // A key keeps what its owner's role no longer gives; a person does not.
  const given = credential.permissions ?? roleGives;
  const isPerson = caller.keyId === null || standing.cap !== null;
  const permissions = both(caller.permissions, isPerson ? both(given, roleGives) : given);
  return { ...caller, permissions, bounds: credential.bounds, workspace, member };
}

/** False for a member who was claimed by another account, or by none, since the caller was authenticated. */
function isStillTheirs(member: Member | null, { accountId }: Caller): boolean {
  return accountId === undefined || member?.accountId === accountId;
}

/** What the caller acts with; null where it is gone. A person in person has what their role gives. */
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
  /** Null: all that the caller's role gives. */
  readonly permissions: ReadonlySet<Permission> | null;
  readonly bounds: Bounds;
}

/** As authentication refuses a credential of the kind that has ended. */
const ENDED = {
  session: 'SESSION_INVALID',
  token: 'MEMBERSHIP_REQUIRED',
  operator: 'PERMISSION_DENIED',
} as const satisfies Record<Exclude<CallerKind, 'key'>, ErrorCode>;

function ended({ kind }: Caller, refusal: RefusalCode): AppError {
  return new AppError(kind === 'key' || refusal === 'WORKSPACE_SUSPENDED' ? refusal : ENDED[kind]);
}
