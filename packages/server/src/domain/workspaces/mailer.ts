/** A message to one person. Texts may hold whatever people have written; how they are encoded is the mailer's affair. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Mailer {
  /**
   * Null once a mail server has taken the message over; else why none did, in words for people that give nothing of the
   * message and no secret away. It never rejects, and answers within seconds: a mail that fails is an answer, too.
   */
  send(mail: Mail): Promise<string | null>;
}
