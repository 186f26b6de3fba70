import { recordChange } from '../audit/record-change.ts';
import { createKey } from '../keys/create-key.ts';
import { createSignInLink } from '../sessions/create-sign-in-link.ts';
import { AppError } from '../shared/app-error.ts';
import { type Caller, operator } from '../shared/caller.ts';
import { DEFAULT_CAPS } from '../shared/caps.ts';
import { within } from '../shared/unit-of-work.ts';
import { type Member, memberFacts } from '../tenancy/member.ts';
import { type HostNeeds, type HostStores, type HostTarget, targetMember } from './host-target.ts';

const KEY_NAME = "Owner's recovered key";
/** An owner with as many keys as a member may have gets one more. */
const NO_KEY_CAP = { ...DEFAULT_CAPS, keysPerMember: Number.MAX_SAFE_INTEGER };

export interface RecoveredOwner {
  readonly workspaceId: string;
  readonly userId: string;
  readonly keyId: string;
  /** The new key, whole, for the only time. It holds every permission of the catalogue. */
  readonly secret: string;
  /** Of a link that signs the owner in, once; null if none was asked for. */
  readonly linkToken: string | null;
  /** The owner was suspended, and is active again. */
  readonly isReactivated: boolean;
}

/**
 * Gives an owner a new key with the whole catalogue and, `withLink`, a sign-in link; a suspended owner is active again. It
 * is one change, and an act of the operator in the audit log. No other key or session ends with it. NOT_FOUND; CONFLICT if
 * the member is not an owner.
 */
export async function recoverOwner(
  needs: HostNeeds,
  target: HostTarget,
  agent: string,
  { withLink }: { readonly withLink: boolean },
): Promise<RecoveredOwner> {
  return needs.unitOfWork.transact(async (stores) => {
    const now = needs.clock.now();
    const owner = await targetMember(stores, target);
    const { workspaceId, id: userId } = owner;
    if (!owner.isOwner)
      throw new AppError('CONFLICT', { message: `${userId} is not an owner of workspace ${workspaceId}` });
    const caller = operator(needs.catalogue, { workspaceId, userId }, agent);
    const isReactivated = await reactivate(stores, caller, owner, now);
    const parts = within(needs, stores);
    const { key, secret } = await createKey({ ...parts, caps: NO_KEY_CAP }, caller, {
      name: KEY_NAME,
      userId,
    });
    const link = withLink ? await createSignInLink(parts, caller) : null;
    const facts = { keyId: key.id, signInLinkId: link?.link.id ?? null };
    const member = { kind: 'member', id: userId } as const;
    const change = { eventType: 'member.recovered', target: member, before: null, after: facts } as const;
    await recordChange(stores.audit, caller, change, now);
    return {
      workspaceId,
      userId,
      keyId: key.id,
      secret: secret ?? '',
      linkToken: link?.token ?? null,
      isReactivated,
    };
  });
}

/** True if the owner was suspended. */
async function reactivate(
  { members, audit }: HostStores,
  caller: Caller,
  owner: Member,
  now: number,
): Promise<boolean> {
  if (owner.status === 'active') return false;
  const { workspaceId, id: userId, roleId, createdAt } = owner;
  await members.update({ workspaceId, userId, roleId, status: 'active', createdAt, updatedAt: now });
  const facts = { before: memberFacts(owner), after: { ...memberFacts(owner), status: 'active' } };
  const target = { kind: 'member', id: userId } as const;
  await recordChange(audit, caller, { eventType: 'member.reactivated', target, ...facts }, now);
  return true;
}
