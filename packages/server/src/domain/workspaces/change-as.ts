import type { Permission, RefusalCode } from '@latchkey/contract';
import { AppError } from '../shared/app-error.ts';
import { type Caller, requirePermission } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import type { CallingKey } from './owned-keys.ts';
import { refusalOf, type Standing } from './standing.ts';
import { workspaceStatus } from './workspace.ts';
import type { WorkspaceStores } from './workspace-stores.ts';

/** The stores that tell how things stand around a caller. */
export type CallerStores = Pick<WorkspaceStores, 'workspaces' | 'members' | 'ownedKeys'>;

export interface ChangeNeeds<Stores extends CallerStores> {
  readonly unitOfWork: UnitOfWork<Stores>;
  readonly clock: Clock;
}

/** A change, given the stores of its transaction, the caller as they stand in it, and its instant. */
export type Work<Stores, T> = (stores: Stores, caller: Caller, now: number) => Promise<T>;

/**
 * Runs a change in one transaction, after looking at the caller again in it: a credential that has ended since it was
 * authenticated changes nothing, and one that has been narrowed acts with what is left. Else a key could make another
 * one behind the back of its own revocation, and that one would live on.
 *
 * Throws PERMISSION_DENIED unless the caller holds all of `permissions`; KEY_REVOKED, KEY_DISABLED, KEY_EXPIRED or
 * WORKSPACE_SUSPENDED where the credential has ended. Every verb that changes something goes through here.
 */
export async function changeAs<Stores extends CallerStores, T>(
  { unitOfWork, clock }: ChangeNeeds<Stores>,
  caller: Caller,
  permissions: readonly Permission[],
  work: Work<Stores, T>,
): Promise<T> {
  for (const permission of permissions) requirePermission(caller, permission);
  return unitOfWork.transact(async (stores) => {
    const now = clock.now();
    const present = await presentCaller(stores, caller, now);
    for (const permission of permissions) requirePermission(present, permission);
    return work(stores, present, now);
  });
}

/** The caller with what they hold now, and never more than they were authenticated with. */
async function presentCaller(stores: CallerStores, caller: Caller, now: number): Promise<Caller> {
  const workspace = await stores.workspaces.find(caller.workspaceId);
  const member = await stores.members.find(caller.workspaceId, caller.userId);
  const roleGives = member?.permissions ?? new Set<Permission>();
  const standing: Standing = {
    workspace: workspace ? workspaceStatus(workspace) : 'deleted',
    owner: member?.status ?? null,
    cap: workspace?.permissionMode === 'frozen' ? null : roleGives,
  };
  const credential = await credentialOf(stores, caller, roleGives);
  const refusal = refusalOf(credential, standing, now);
  if (refusal) throw ended(caller, refusal);
  const held = standing.cap === null ? credential.permissions : both(credential.permissions, standing.cap);
  return { ...caller, permissions: both(caller.permissions, held), bounds: credential.bounds };
}

/** What the caller acts with. A person has what their role gives; only what stands around them can end that. */
async function credentialOf(
  { ownedKeys }: CallerStores,
  { workspaceId, keyId, bounds }: Caller,
  roleGives: ReadonlySet<Permission>,
): Promise<CallingKey> {
  if (keyId === null)
    return { revokedAt: null, isActive: true, expiresAt: null, permissions: roleGives, bounds };
  const key = await ownedKeys.calling(workspaceId, keyId);
  if (!key) throw new AppError('KEY_REVOKED');
  return key;
}

function ended({ keyId }: Caller, refusal: RefusalCode): AppError {
  if (keyId !== null || refusal === 'WORKSPACE_SUSPENDED') return new AppError(refusal);
  return new AppError('PERMISSION_DENIED', {
    message: 'You are no active member of this workspace any more',
  });
}

function both(one: ReadonlySet<Permission>, other: ReadonlySet<Permission>): ReadonlySet<Permission> {
  return new Set([...one].filter((permission) => other.has(permission)));
}
