/** A message to one person. The texts may contain user input; the mailer encodes them. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Mailer {
  /**
   * Null once a mail server has accepted the message; otherwise the reason, as a text for users without secrets and without
   * parts of the message. Never rejects, and resolves within seconds.
   */
  send(mail: Mail): Promise<string | null>;
}

/** The number of mails that each workspace has sent recently. */
export interface MailCountStore {
  /** The number of mails of a workspace that were added after this instant. */
  countAfter(workspaceId: string, instant: number): Promise<number>;

  /** Adds one mail at `now`, and deletes those of the workspace from `keptAfter` and before. */
  add(workspaceId: string, now: number, keptAfter: number): Promise<void>;
}
