/** All that changes of members and keys need to know of sessions, and do to them. */
export interface OwnedSessions {
  /** False where the session was ended, or the key through which it was opened is revoked or switched off. */
  isOpen(workspaceId: string, sessionId: string): Promise<boolean>;

  /** Ends every session of the user here, and takes back the sign-in link that is open for them. */
  endAllOf(workspaceId: string, userId: string): Promise<void>;
}
