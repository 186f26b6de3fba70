import type { Issuer } from '../shared/caller.ts';
import type { Credential } from '../shared/descent.ts';

/** A session as the credential of a call. */
export interface CallingSession {
  readonly expiresAt: number;
  /** Whom it ends with and never holds more than; null: no other member made its link. */
  readonly issuer: Issuer | null;
  /** The account that it proves; null: it is of one member. */
  readonly accountId: string | null;
}

/** All that changes of members need to know of sessions, and do to them, and all that any change needs of the one that calls. */
export interface OwnedSessions {
  /** Null where it was ended, or there is none, and where something else has edited the row. Expired ones are found. */
  calling(workspaceId: string, sessionId: string): Promise<CallingSession | null>;

  /** Ends every session of the user here and the sign-in link that is open for them; returns those that had not expired. */
  endAllOf(workspaceId: string, userId: string, now: number): Promise<Credential[]>;

  /** Ends the sessions and sign-in links with these ids; returns those that had not expired. */
  end(workspaceId: string, ids: readonly string[], now: number): Promise<Credential[]>;
}
