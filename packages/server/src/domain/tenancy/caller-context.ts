import type { Member } from './member.ts';
import type { CallingKey, CallingSession } from './member-credentials.ts';
import type { Workspace } from './workspace.ts';

/** Names the credential of a call. With neither key nor session, the caller acts in person or as the operator. */
export interface CredentialName {
  readonly keyId: string | null;
  /** The secret that was sent, by its digest; left out: no secret. Only with a key. */
  readonly secretDigest?: string | undefined;
  readonly sessionId?: string | undefined;
}

/** A stored credential; `none`: the call has neither a key nor a session. */
export type StoredCredential =
  | { readonly kind: 'key'; readonly key: CallingKey }
  | { readonly kind: 'session'; readonly session: CallingSession }
  | { readonly kind: 'none' };

/** What a change needs to know about its caller. */
export interface CallerContext {
  /** Null on a miss. */
  readonly workspace: Workspace | null;
  /** Null if the user is not a member of the workspace. */
  readonly member: Member | null;
  /** Null on a miss, as in `OwnedKeys.calling` and `OwnedSessions.calling`. */
  readonly credential: StoredCredential | null;
}

/** The callers of changes. */
export interface CallerContexts {
  /**
   * The caller, as stored in this transaction. Also reads the head of the workspace's audit chain, for the entries of the
   * change, and locks it: until this transaction ends, no other one that has loaded a caller changes this workspace.
   */
  load(workspaceId: string, userId: string, credential: CredentialName): Promise<CallerContext>;
}
