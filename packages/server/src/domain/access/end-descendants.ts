import type { CredentialKind } from '@latchkey/contract';
import { recordChange } from '../audit/record-change.ts';
import { actsFor, type Caller } from '../shared/caller.ts';
import type { Credential, DescentStore } from '../tenancy/descent.ts';
import { invitationStatus } from '../tenancy/invitation.ts';
import { type Member, memberFacts } from '../tenancy/member.ts';
import type { OwnedKey } from '../tenancy/member-credentials.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';
import { recordRevocations, withdrawInvitation } from './revocations.ts';
import { grantorOf } from './role-grant.ts';

/** The stores that ending what derives from a credential reads and writes. */
export type DescentStores = Pick<
  WorkspaceStores,
  'members' | 'invitations' | 'ownedKeys' | 'ownedSessions' | 'descent' | 'audit'
>;

/** The revocation reason that ends everything that derives from a key, regardless of its owner. */
export const COMPROMISED = 'COMPROMISED';

export interface Ending {
  /** Digests of secrets, and ids of any other credentials. This function does not end the roots themselves. */
  readonly roots: readonly string[];
  /** The credentials that the roots made, if they were looked up already. */
  readonly children?: readonly Credential[];
  /** End keys, secrets and members too. */
  readonly cascade: boolean;
  /** Stored with each key. COMPROMISED also ends credentials that the caller may not end otherwise. */
  readonly reason: string | null;
}

export interface Ended {
  /** As in answers and in the audit log: a secret has the id of its key. */
  readonly ended: readonly Credential[];
  /** Keys that derive from the roots and are not revoked. */
  readonly livingKeys: number;
}

/**
 * Ends what derives from the roots, in the transaction of the stores. Sessions, sign-in links and open invitations always
 * end with the credential that made them. With `cascade` keys are revoked, secrets retired and members suspended too, each
 * if the caller could do that with a separate call; others are kept, with everything that they made. The last active
 * owner is not suspended, but all their sessions end.
 */
export async function endDescendants(
  stores: DescentStores,
  caller: Caller,
  { roots, children, cascade, reason }: Ending,
  now: number,
): Promise<Ended> {
  const { workspaceId } = caller;
  const all = await descendantsOf(stores.descent, { workspaceId, roots, ...(children && { children }) });
  if (all.length === 0) return { ended: [], livingKeys: 0 };
  const living = await stores.ownedKeys.living(workspaceId, idsOf(all, 'api-key'));
  const judge = await judgeOf(stores, caller, reason === COMPROMISED);
  const lasting = cascade
    ? await endLasting(stores, caller, { all, living, judge, reason }, now)
    : { ended: [], parents: [] };
  const dependent = await descendantsOf(stores.descent, {
    workspaceId,
    roots: [...roots, ...lasting.parents],
    through: DEPENDENT,
  });
  const ended = [...lasting.ended, ...(await endDependent(stores, caller, dependent, now))];
  return { ended, livingKeys: living.length - idsOf(ended, 'api-key').length };
}

/** May the caller revoke this key, and suspend this member? */
interface Judge {
  readonly key: (key: OwnedKey) => boolean;
  readonly member: (member: Member) => boolean;
}

async function judgeOf({ members }: DescentStores, caller: Caller, isCompromised: boolean): Promise<Judge> {
  if (isCompromised) return { key: () => true, member: () => true };
  const { isOwner } = await grantorOf(members, caller);
  const { permissions } = caller;
  const maySuspend = permissions.has('members:remove') && permissions.has('members:role-change');
  return {
    key: ({ ownerId }) => permissions.has('api-keys:delete') && actsFor(caller, ownerId),
    member: (member) => maySuspend && (isOwner || !member.isOwner),
  };
}

interface Lasting {
  readonly all: readonly Credential[];
  readonly living: readonly OwnedKey[];
  readonly judge: Judge;
  readonly reason: string | null;
}

/** Ends keys, secrets and members. `parents` are the credentials whose dependents end too: all except the spared ones. */
async function endLasting(
  stores: DescentStores,
  caller: Caller,
  { all, living, judge, reason }: Lasting,
  now: number,
): Promise<{ ended: Credential[]; parents: string[] }> {
  const { workspaceId } = caller;
  const { ownedKeys, audit } = stores;
  const spared = new Set(living.filter((key) => !judge.key(key)).map(({ id }) => id));
  const keyIds = living.filter(judge.key).map(({ id }) => id);
  const keys = await ownedKeys.revoke(workspaceId, keyIds, reason, now);
  await recordRevocations(audit, caller, { keys, reason }, now);
  const ended: Credential[] = keyIds.map((id) => ({ kind: 'api-key', id }));
  const secrets = await ownedKeys.livingSecrets(workspaceId, idsOf(all, 'secret'), now);
  for (const { digest, ...key } of secrets) {
    if (!judge.key(key)) {
      spared.add(digest);
      continue;
    }
    await ownedKeys.retireSecrets(workspaceId, [digest], now);
    ended.push({ kind: 'secret', id: key.id });
  }
  for (const userId of idsOf(all, 'member')) {
    const suspended = await suspend(stores, caller, userId, judge, now);
    if (suspended) ended.push(...suspended);
    else spared.add(userId);
  }
  const parents = all.filter(({ kind, id }) => !DEPENDENT.has(kind) && !spared.has(id));
  return { ended, parents: parents.map(({ id }) => id) };
}

/** The credentials that ended, with the member; null if the caller may not suspend them. */
async function suspend(
  { members, ownedSessions, audit }: DescentStores,
  caller: Caller,
  userId: string,
  judge: Judge,
  now: number,
): Promise<Credential[] | null> {
  const { workspaceId } = caller;
  const before = await members.find(workspaceId, userId);
  if (before?.status !== 'active') return [];
  if (!judge.member(before)) return null;
  const sessions = await ownedSessions.endAllOf(workspaceId, userId, now);
  if (before.isOwner && (await members.countActiveOwners(workspaceId)) <= 1) return sessions;
  const { roleId, createdAt } = before;
  await members.update({ workspaceId, userId, roleId, status: 'suspended', createdAt, updatedAt: now });
  const after = { ...memberFacts(before), status: 'suspended' };
  const target = { kind: 'member', id: userId } as const;
  const change = { eventType: 'member.suspended', target, before: memberFacts(before), after } as const;
  await recordChange(audit, caller, change, now);
  return [{ kind: 'member', id: userId }, ...sessions];
}

async function endDependent(
  stores: DescentStores,
  caller: Caller,
  dependent: readonly Credential[],
  now: number,
): Promise<Credential[]> {
  const signIns = [...idsOf(dependent, 'session'), ...idsOf(dependent, 'sign-in-link')];
  const ended = await stores.ownedSessions.end(caller.workspaceId, signIns, now);
  for (const id of idsOf(dependent, 'invitation')) {
    const invitation = await stores.invitations.find(caller.workspaceId, id);
    if (!invitation || invitationStatus(invitation, now) !== 'pending') continue;
    await withdrawInvitation(stores, caller, invitation, now);
    ended.push({ kind: 'invitation', id });
  }
  return ended;
}

function idsOf(credentials: readonly Credential[], wanted: CredentialKind): string[] {
  return credentials.filter(({ kind }) => kind === wanted).map(({ id }) => id);
}

/** Kinds that work only while the credential that made them does, and cannot make anything that outlives it. */
const DEPENDENT: ReadonlySet<CredentialKind> = new Set(['session', 'sign-in-link', 'invitation']);

interface Walk {
  readonly workspaceId: string;
  /** Digests of secrets, and ids of any other credentials. */
  readonly roots: readonly string[];
  /** The children of the roots, where they were looked up already. */
  readonly children?: readonly Credential[];
  /** Follows only credentials of these kinds; left out: all kinds. */
  readonly through?: ReadonlySet<CredentialKind>;
}

/** All credentials that derive from the roots, without the roots, each once. Costs one query for each generation. */
async function descendantsOf(
  descent: DescentStore,
  { workspaceId, roots, children, through }: Walk,
): Promise<Credential[]> {
  const seen = new Set(roots);
  const found: Credential[] = [];
  let generation = children ?? (await descent.childrenOf(workspaceId, roots));
  while (generation.length > 0) {
    const fresh = generation.filter(({ id }) => !seen.has(id));
    const parents: string[] = [];
    for (const credential of fresh) {
      if (seen.has(credential.id)) continue;
      seen.add(credential.id);
      found.push(credential);
      if (!through || through.has(credential.kind)) parents.push(credential.id);
    }
    generation = parents.length === 0 ? [] : await descent.childrenOf(workspaceId, parents);
  }
  return found;
}
