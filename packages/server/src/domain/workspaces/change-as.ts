import type { BuiltInPermission, CallerKind, ErrorCode, Permission, RefusalCode } from '@latchkey/contract';
import { AppError } from '../shared/app-error.ts';
import { type Caller, requirePermission } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import type { Member } from './member.ts';
import type { CallingKey } from './owned-keys.ts';
import type { CallingSession } from './owned-sessions.ts';
import { refusalOf, type Standing } from './standing.ts';
import { type Workspace, workspaceStatus } from './workspace.ts';
import type { WorkspaceStores } from './workspace-stores.ts';

/** The stores that tell how things stand around a caller, and where what they change is written down. */
export type CallerStores = Pick<
  WorkspaceStores,
  'workspaces' | 'members' | 'ownedKeys' | 'ownedSessions' | 'audit'
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
  const [workspace, member, stored] = await Promise.all([
    stores.workspaces.find(caller.workspaceId),
    stores.members.find(caller.workspaceId, caller.userId),
    storedCredential(stores, caller),
    stores.audit.lookAhead(caller.workspaceId, caller.userId),
  ]);
  const roleGives = member?.permissions ?? new Set<Permission>();
  const standing: Standing = {
    workspace: workspace ? workspaceStatus(workspace) : 'deleted',
    owner: member?.status ?? null,
    cap: workspace?.permissionMode === 'frozen' ? null : roleGives,
  };
  const credential = credentialOf(caller, stored, roleGives);
  const refusal = credential ? refusalOf(credential, standing, now) : 'KEY_REVOKED';
  if (!workspace || !member || !credential || refusal) throw ended(caller, refusal ?? 'KEY_REVOKED');
  const held = standing.cap === null ? credential.permissions : both(credential.permissions, standing.cap);
  const permissions = both(caller.permissions, held);
  return { ...caller, permissions, bounds: credential.bounds, workspace, member };
}

/** Null: there is none, or none any more. */
interface StoredCredential {
  readonly session: CallingSession | null;
  /** The credential itself, or what the session hangs on. */
  readonly key: CallingKey | null;
}

async function storedCredential(
  { ownedKeys, ownedSessions }: CallerStores,
  { workspaceId, keyId, sessionId }: Caller,
): Promise<StoredCredential> {
  if (keyId !== null) return { session: null, key: await ownedKeys.calling(workspaceId, keyId) };
  const session = sessionId === undefined ? null : await ownedSessions.calling(workspaceId, sessionId);
  const behind = session?.keyId ?? null;
  return { session, key: behind === null ? null : await ownedKeys.calling(workspaceId, behind) };
}

/** What the caller acts with; null where it is gone. A person in person has what their role gives. */
function credentialOf(
  { keyId, sessionId, bounds }: Caller,
  { session, key }: StoredCredential,
  roleGives: ReadonlySet<Permission>,
): CallingKey | null {
  if (keyId !== null) return key;
  const person = { revokedAt: null, isActive: true, expiresAt: null, permissions: roleGives, bounds };
  if (sessionId === undefined) return person;
  if (!session) return null;
  if (session.keyId === null) return { ...person, expiresAt: session.expiresAt };
  if (!key) return null;
  const expiresAt = Math.min(session.expiresAt, key.expiresAt ?? session.expiresAt);
  return { ...key, expiresAt, permissions: both(roleGives, key.permissions) };
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

function both(one: ReadonlySet<Permission>, other: ReadonlySet<Permission>): ReadonlySet<Permission> {
  const kept = [...one].filter((permission) => other.has(permission));
  return kept.length === one.size ? one : new Set(kept);
}
