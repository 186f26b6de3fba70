import type { CredentialKind } from '@latchkey/contract';
import type { Caller } from './caller.ts';

/** Something that is a credential or leads to one. A secret is known by its digest, all others by their id. */
export interface Credential {
  readonly kind: CredentialKind;
  readonly id: string;
}

/** What a credential derives from. */
export interface Origination {
  readonly workspaceId: string;
  /** The credential that made it: the digest of a secret or the id of any other; null: none that is kept. */
  readonly parentId: string | null;
  /** The member who acted; null: the operator. */
  readonly memberId: string | null;
}

/** Which credential derives from which. It ends at the wall of a workspace. */
export interface DescentStore {
  /** Takes the place of an earlier record of the same child: a member can leave and come back. */
  record(child: Credential, origin: Origination): Promise<void>;

  /** What one of these has made: a key also through any of its secrets, a member through any of their credentials. */
  childrenOf(workspaceId: string, ids: readonly string[]): Promise<Credential[]>;

  /** Removes the record of a member who has left. */
  removeMember(workspaceId: string, userId: string): Promise<void>;

  /** Removes the records of sessions and links that are gone and have made nothing; returns how many. */
  purge(): Promise<number>;
}

/** What the caller makes derives from this. */
export function originationBy({
  kind,
  workspaceId,
  userId,
  keyId,
  secretDigest,
  sessionId,
}: Caller): Origination {
  const parentId = secretDigest ?? keyId ?? sessionId ?? null;
  return { workspaceId, parentId, memberId: kind === 'operator' ? null : userId };
}
