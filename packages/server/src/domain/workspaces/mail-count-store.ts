/** How many mails each workspace has sent lately. */
export interface MailCountStore {
  /** The mails of a workspace that were added after this instant. */
  countAfter(workspaceId: string, instant: number): Promise<number>;

  /** Adds one mail at `now`, and deletes those of the workspace from `keptAfter` and before. */
  add(workspaceId: string, now: number, keptAfter: number): Promise<void>;
}
