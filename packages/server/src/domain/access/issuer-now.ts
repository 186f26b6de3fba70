import type { Permission } from '@latchkey/contract';
import { type Bounds, type Issuer, intersection, UNBOUNDED } from '../shared/caller.ts';
import { hasEnded } from '../tenancy/credential-status.ts';
import { activeMember, type Member } from '../tenancy/member.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';

/** An issuer, with the permissions that they can pass on now. */
export interface IssuerNow {
  readonly member: Member;
  /** The permissions of the issuer's role; if a key issued, only those that the key has too. */
  readonly permissions: ReadonlySet<Permission>;
  readonly bounds: Bounds;
  /** Milliseconds since 1970; null: no end is set. */
  readonly endsAt: number | null;
}

/**
 * The issuer of a session, sign-in link or invitation as they are now, on which those depend. Null if the member is not
 * active, or the key or its secret could not be used.
 */
export async function issuerNow(
  { members, ownedKeys }: Pick<WorkspaceStores, 'members' | 'ownedKeys'>,
  workspaceId: string,
  { userId, keyId, secretDigest }: Issuer,
  now: number,
): Promise<IssuerNow | null> {
  const [member, key] = await Promise.all([
    activeMember(members, workspaceId, userId),
    keyId === null ? null : ownedKeys.calling(workspaceId, keyId, secretDigest),
  ]);
  if (!member) return null;
  if (keyId === null) return { member, permissions: member.permissions, bounds: UNBOUNDED, endsAt: null };
  if (!key || hasEnded(key, now)) return null;
  // The issuer's session can be opened by a key of another member, who must be active too.
  if (key.ownerId !== userId && !(await activeMember(members, workspaceId, key.ownerId))) return null;
  const permissions = intersection(member.permissions, key.permissions);
  return { member, permissions, bounds: key.bounds, endsAt: earlier(key.expiresAt, key.retiresAt) };
}

/** The earlier of two ends; null: never. */
export function earlier(one: number | null, other: number | null): number | null {
  if (one === null) return other;
  return other === null ? one : Math.min(one, other);
}
