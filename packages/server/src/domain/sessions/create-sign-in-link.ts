import { changeAuthorized } from '../access/authorized-change.ts';
import { grantorOf, requireRoleGrant } from '../access/role-grant.ts';
import { recordChange } from '../audit/record-change.ts';
import { AppError } from '../shared/app-error.ts';
import { type Caller, issuerOf } from '../shared/caller.ts';
import { newId } from '../shared/id.ts';
import { generateToken } from '../shared/tokens.ts';
import { originationBy } from '../tenancy/descent.ts';
import { activeMember } from '../tenancy/member.ts';
import { requireFullAuthority, requireUnbounded } from './full-authority.ts';
import { SIGN_IN_LINK_KEPT_MS, type SignInLink, signInLinkFacts } from './sign-in-link.ts';
import type { SessionNeeds, SessionStores } from './stores.ts';

export interface CreatedSignInLink {
  readonly link: SignInLink;
  /** It is returned only once. */
  readonly token: string;
}

/**
 * Makes a link that signs one member in: the caller's own user, or another active member of the workspace. The session of
 * the link works only while the caller's credential does, and never has more permissions.
 *
 * For the caller's own user, throws PERMISSION_DENIED for a key that holds less than its owner, and for a session or a
 * token, which could be extended without an end that way. For another member, throws PERMISSION_DENIED without
 * `members:invite`, PERMISSION_ESCALATION when the caller does not hold all permissions of the member's role, and
 * USER_NOT_FOUND.
 */
export async function createSignInLink(
  needs: SessionNeeds,
  caller: Caller,
  userId: string = caller.userId,
): Promise<CreatedSignInLink> {
  const isOwn = userId === caller.userId;
  if (isOwn && (caller.kind === 'session' || caller.kind === 'token'))
    throw new AppError('PERMISSION_DENIED', {
      message: 'A session cannot be made from another one or from a token; use a key',
    });
  return changeAuthorized(needs, caller, isOwn ? [] : ['members:invite'], async (stores, caller, now) => {
    if (isOwn) await requireFullAuthority(stores.members, caller);
    else await requireMaySignIn(stores, caller, userId);
    const { workspaceId } = caller;
    const times = { createdAt: now, expiresAt: now + SIGN_IN_LINK_KEPT_MS };
    const link = { id: newId('link'), workspaceId, userId, issuer: issuerOf(caller), ...times };
    const token = generateToken('signin');
    const replaced = await stores.signInLinks.put(link, needs.keyring.digest(token));
    await stores.descent.record({ kind: 'sign-in-link', id: link.id }, originationBy(caller));
    if (replaced && replaced.expiresAt > now) await record(stores, caller, 'replaced', replaced, now);
    await record(stores, caller, 'created', link, now);
    return { link, token };
  });
}

/** A link for another member needs the same permissions as an invitation into their role. */
async function requireMaySignIn(
  { members, roles }: SessionStores,
  caller: Caller,
  userId: string,
): Promise<void> {
  const member = await activeMember(members, caller.workspaceId, userId);
  const role = member && (await roles.find(caller.workspaceId, member.roleId));
  if (!role)
    throw new AppError('USER_NOT_FOUND', {
      details: [{ field: 'userId', message: 'is not an active member' }],
    });
  requireRoleGrant(await grantorOf(members, caller), role);
  requireUnbounded(caller);
}

function record(
  { audit }: SessionStores,
  caller: Caller,
  what: 'created' | 'replaced',
  link: SignInLink,
  now: number,
): Promise<void> {
  const target = { kind: 'sign-in-link', id: link.id } as const;
  const facts = signInLinkFacts(link);
  const [before, after] = what === 'created' ? [null, facts] : [facts, null];
  return recordChange(audit, caller, { eventType: `sign-in-link.${what}`, target, before, after }, now);
}
