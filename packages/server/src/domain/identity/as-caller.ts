import { type Caller, type Origin, UNBOUNDED } from '../shared/caller.ts';
import type { Member } from '../workspaces/member.ts';

/** A member who has shown a token of the identity provider, as the one who acts: with what their role gives now. */
export function asCaller({ workspaceId, id: userId, permissions }: Member, origin: Origin): Caller {
  return { kind: 'token', workspaceId, userId, keyId: null, permissions, bounds: UNBOUNDED, origin };
}
