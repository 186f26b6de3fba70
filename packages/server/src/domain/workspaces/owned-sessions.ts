/** All that changes of members do to sessions. */
export interface OwnedSessions {
  /** Ends every session of the user here, and takes back the sign-in link that is open for them. */
  endAllOf(workspaceId: string, userId: string): Promise<void>;
}
