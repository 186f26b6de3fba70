/** A session as the credential of a call. */
export interface CallingSession {
  readonly expiresAt: number;
  /** The key that it ends with and never holds more than; null: it hangs on none. */
  readonly keyId: string | null;
}

/** All that changes of members need to know of sessions, and do to them, and all that any change needs of the one that calls. */
export interface OwnedSessions {
  /** Null where it was ended, or there is none, and where something else has edited the row. Expired ones are found. */
  calling(workspaceId: string, sessionId: string): Promise<CallingSession | null>;

  /** Ends every session of the user here, and takes back the sign-in link that is open for them. */
  endAllOf(workspaceId: string, userId: string): Promise<void>;
}
