import { type Caller, type Origin, UNBOUNDED } from '../shared/caller.ts';
import type { Member } from './member.ts';

/** A member who acts as themselves, with all that their role gives now. */
export function inPerson({ workspaceId, id: userId, permissions }: Member, origin: Origin): Caller {
  return { kind: 'session', workspaceId, userId, keyId: null, permissions, bounds: UNBOUNDED, origin };
}
