import type { Caller, Origin } from '../shared/caller.ts';
import { inPerson } from '../workspaces/in-person.ts';
import type { Member } from '../workspaces/member.ts';

/** The caller for a member who uses a token of the identity provider. */
export function asCaller(member: Member, origin: Origin): Caller {
  return { ...inPerson(member, origin, member.accountId), kind: 'token' };
}
