import type { CredentialKind } from '@latchkey/contract';
import type { Caller } from '../shared/caller.ts';

/** A credential, or something that gives one, such as a sign-in link. The id of a secret is its digest. */
export interface Credential {
  readonly kind: CredentialKind;
  readonly id: string;
}

/** The credential and the member that made a credential. */
export interface Origination {
  readonly workspaceId: string;
  /** The credential that made it: the digest of a secret or the id of any other; null: none is recorded. */
  readonly parentId: string | null;
  /** The member who acted; null: the operator. */
  readonly memberId: string | null;
}

/** Records which credential made which, within each workspace. */
export interface DescentStore {
  /** Replaces an earlier record of the same child: a member can leave and come back. */
  record(child: Credential, client: Origination): Promise<void>;

  /** The credentials that these made: a key also through any of its secrets, a member through any of their credentials. */
  childrenOf(workspaceId: string, ids: readonly string[]): Promise<Credential[]>;

  /** Removes the record of a member who has left. */
  removeMember(workspaceId: string, userId: string): Promise<void>;

  /** Removes the records of deleted sessions and links that made no credential; returns their number. */
  purge(): Promise<number>;
}

/** The origination of a credential that the caller makes. */
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
