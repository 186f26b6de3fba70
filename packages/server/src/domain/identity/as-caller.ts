import { inPerson } from '../access/member-caller.ts';
import type { Caller, Origin } from '../shared/caller.ts';
import type { Member } from '../tenancy/member.ts';

/** The caller for a member who uses a token of the identity provider. */
export function asCaller(member: Member, origin: Origin): Caller {
  return { ...inPerson(member, origin, member.accountId), kind: 'token' };
}
