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
