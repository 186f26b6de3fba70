import type { Issuer } from '../shared/caller.ts';
import type { Credential } from '../shared/descent.ts';

/** A session as the credential of a call. */
export interface CallingSession {
  readonly expiresAt: number;
  /** The session ends with this issuer and has at most its permissions; null: no other member made the link. */
  readonly issuer: Issuer | null;
  /** The account that the session proves; null: it is valid for one member only. */
  readonly accountId: string | null;
}

/** The sessions of a workspace, for changes of members, and the session that a caller uses, for every change. */
export interface OwnedSessions {
  /** Null on a miss, if the session was ended, and if its row was edited outside the service. Expired ones are found. */
  calling(workspaceId: string, sessionId: string): Promise<CallingSession | null>;

  /** Ends every session of the user here and the sign-in link that is open for them; returns those that had not expired. */
  endAllOf(workspaceId: string, userId: string, now: number): Promise<Credential[]>;

  /** Ends the sessions and sign-in links with these ids; returns those that had not expired. */
  end(workspaceId: string, ids: readonly string[], now: number): Promise<Credential[]>;
}
