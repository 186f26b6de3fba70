/** The number of mails that each workspace has sent recently. */
export interface MailCountStore {
  /** The number of mails of a workspace that were added after this instant. */
  countAfter(workspaceId: string, instant: number): Promise<number>;

  /** Adds one mail at `now`, and deletes those of the workspace from `keptAfter` and before. */
  add(workspaceId: string, now: number, keptAfter: number): Promise<void>;
}
