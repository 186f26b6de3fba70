import { type Caller, type ClientInfo, UNBOUNDED } from '../shared/caller.ts';
import type { Member } from '../tenancy/member.ts';

/** A caller for a member without a key, with all permissions of their role; `accountId` as the credential proves it. */
export function callerOfMember(member: Member, client: ClientInfo, accountId: string | null = null): Caller {
  const { workspaceId, id: userId, email, permissions } = member;
  const person = { kind: 'session', workspaceId, userId, email, keyId: null, permissions } as const;
  return { ...person, bounds: UNBOUNDED, client, ...(accountId !== null && { accountId }) };
}

/** The caller for a member who uses a token of the identity provider. */
export function callerOfToken(member: Member, client: ClientInfo): Caller {
  return { ...callerOfMember(member, client, member.accountId), kind: 'token' };
}
