/** The kept outcome of a call that carried an Idempotency-Key. */
export interface KeptOutcome {
  /** One-way: who called what with which value. */
  readonly id: string;
  readonly workspaceId: string;
  /** The id of what the call made or changed. */
  readonly subjectId: string;
  /** SHA-256 over the request; another one with the same value is denied. */
  readonly fingerprint: string;
  /** The answer, readable only with the client's own value. */
  readonly sealed: string;
  readonly createdAt: number;
}

export interface IdempotencyStore {
  /** Null on a miss, also where a kept outcome is older than `notBefore`. */
  find(workspaceId: string, id: string, notBefore: number): Promise<KeptOutcome | null>;

  /** Takes the place of an older outcome with the same id. */
  put(outcome: KeptOutcome): Promise<void>;

  /** Deletes what was kept before the instant; returns how many. */
  purge(before: number): Promise<number>;
}
