import { isExpired } from '@latchkey/contract';
import { changeAuthorized, type PresentCaller } from '../access/authorized-change.ts';
import { recordChange } from '../audit/record-change.ts';
import { type CreateKeyNeeds, createKey } from '../keys/create-key.ts';
import type { KeyStores } from '../keys/key-store.ts';
import type { Caller } from '../shared/caller.ts';
import { type Caps, requireRoom } from '../shared/caps.ts';
import { newId } from '../shared/id.ts';
import { type EarlierCall, type Idempotency, type Idempotent, idempotent } from '../shared/idempotent.ts';
import { parsePlainText } from '../shared/text/plain-text.ts';
import { type UnitOfWork, within } from '../shared/unit-of-work.ts';
import { callerOfMember, type Member, visibleMember } from '../tenancy/member.ts';
import type { RoleNeeds, WorkspaceStores } from '../tenancy/stores.ts';
import { type Workspace, workspaceFacts } from '../tenancy/workspace.ts';
import { openWorkspace, WORKSPACE_NAME_MAX } from './open-workspace.ts';

type Stores = KeyStores & WorkspaceStores;

export interface CreateWorkspaceNeeds
  extends Omit<RoleNeeds, 'unitOfWork'>,
    Omit<CreateKeyNeeds, 'unitOfWork'> {
  readonly unitOfWork: UnitOfWork<Stores>;
}

export interface CreatedWorkspace {
  readonly workspace: Workspace;
  /**
   * The full text of the first key of the new workspace, which is shown only once. Null for a caller who has proven an
   * account, which lets them enter the workspace. Null too if the answer repeats an earlier one and its key cannot be
   * shown again.
   */
  readonly key: string | null;
  readonly keyId: string | null;
}

/**
 * Makes another workspace. Its owner is a new member with the caller's address and name, and is claimed for the caller's
 * account. A caller whose credential proves no account needs `workspace:settings-write`, and gets a key of the new
 * workspace; the credential itself still works only in its own workspace. LIMIT_REACHED; VALIDATION_FAILED.
 */
export async function createWorkspace(
  needs: CreateWorkspaceNeeds,
  caller: Caller,
  input: { readonly name: string },
  idempotency?: Idempotency,
): Promise<Idempotent<CreatedWorkspace>> {
  const permissions = caller.accountId === undefined ? (['workspace:settings-write'] as const) : [];
  return changeAuthorized(needs, caller, permissions, async (stores, caller, now) => {
    const name = parsePlainText(input.name, 'name', WORKSPACE_NAME_MAX);
    const kept = { idempotency: stores.idempotency, keyring: needs.keyring, now };
    return idempotent<CreatedWorkspace>(kept, caller, idempotency, {
      make: () => make(needs, stores, caller, name, now),
      idOf: ({ workspace }) => workspace.id,
      repeat: (earlier) => repeat(stores, earlier, now),
    });
  });
}

async function make(
  needs: CreateWorkspaceNeeds,
  stores: Stores,
  caller: PresentCaller,
  name: string,
  now: number,
): Promise<CreatedWorkspace> {
  const madeBy = await makerFor(stores, caller);
  await requireRoomFor(stores, needs.caps, caller, madeBy);
  const { email, displayName } = caller.member;
  const { accountId = null } = caller;
  const owned = { id: newId('usr'), email, displayName };
  const opening = { name, owner: owned, accountId, madeBy };
  const workspace = await openWorkspace({ ...stores, catalogue: needs.catalogue }, opening, now);
  const owner = callerOfMember(await ownerOf(stores, workspace, opening.owner.id), caller.client, accountId);
  await recordCreation(stores, caller, owner, workspace);
  if (accountId !== null) return { workspace, key: null, keyId: null };
  const first = { name: FIRST_KEY_NAME, userId: owner.userId };
  const { key, secret } = await createKey(within(needs, stores), owner, first);
  return { workspace, key: secret, keyId: key.id };
}

/** The workspace as it is now, with its first key if that key still works. */
async function repeat(
  { workspaces, keys }: Stores,
  earlier: EarlierCall<CreatedWorkspace>,
  now: number,
): Promise<CreatedWorkspace> {
  const workspace = await workspaces.find(earlier.subjectId);
  if (!workspace) throw new Error(`The workspace ${earlier.subjectId} of an earlier call is gone`);
  const { key: secret, keyId } = earlier.outcome();
  const key = keyId === null ? null : await keys.find(workspace.id, keyId);
  const works = key?.isIntact && key.revokedAt === null && !isExpired(key, now);
  return { workspace, key: works && earlier.isSecretKept ? secret : null, keyId };
}

/**
 * The member for whom the new workspace counts: an owner counts as the member who made the owner's workspace. So a chain of
 * workspaces, each made with the first key of the one before, counts as made by one member.
 */
async function makerFor({ workspaces }: Stores, { workspaceId, userId, member }: PresentCaller) {
  return (member.isOwner ? await workspaces.makerOf(workspaceId) : null) ?? userId;
}

/** A workspace counts for the person, whichever of the person's members made it. */
async function requireRoomFor(
  { workspaces, members }: Stores,
  caps: Caps,
  { accountId }: Caller,
  madeBy: string,
): Promise<void> {
  const own = accountId === undefined ? [] : await members.listOf(accountId);
  const made = await workspaces.countMadeBy([...new Set([madeBy, ...own.map(({ id }) => id)])]);
  requireRoom(caps, 'workspacesPerPerson', made);
}

function ownerOf({ members }: Stores, { id: workspaceId }: Workspace, userId: string): Promise<Member> {
  return visibleMember(members, { workspaceId }, userId);
}

/** The log of the caller's workspace has an entry about the new one, and the log of the new one begins with one. */
async function recordCreation(
  { audit }: Stores,
  caller: PresentCaller,
  owner: Caller,
  workspace: Workspace,
): Promise<void> {
  const target = { kind: 'workspace', id: workspace.id } as const;
  const after = workspaceFacts(workspace);
  const change = { eventType: 'workspace.created', target, before: null, after } as const;
  await recordChange(audit, caller, change, workspace.createdAt);
  await recordChange(audit, owner, change, workspace.createdAt);
}

/** The name of the key that a workspace begins with. */
export const FIRST_KEY_NAME = "Owner's first key";
