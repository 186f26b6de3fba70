import { type Caller, type Origin, UNBOUNDED } from '../shared/caller.ts';
import type { Member } from '../tenancy/member.ts';

/** A caller for a member without a key, with all permissions of their role; `accountId` as the credential proves it. */
export function inPerson(member: Member, origin: Origin, accountId: string | null = null): Caller {
  const { workspaceId, id: userId, permissions } = member;
  const person = { kind: 'session', workspaceId, userId, keyId: null, permissions } as const;
  return { ...person, bounds: UNBOUNDED, origin, ...(accountId !== null && { accountId }) };
}

/** The caller for a member who uses a token of the identity provider. */
export function asCaller(member: Member, origin: Origin): Caller {
  return { ...inPerson(member, origin, member.accountId), kind: 'token' };
}
