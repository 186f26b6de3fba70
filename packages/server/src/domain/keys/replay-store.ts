/** The kept outcome of a call that carried an Idempotency-Key. */
export interface Replay {
  /** One-way: who called what with which value. */
  readonly id: string;
  readonly workspaceId: string;
  readonly keyId: string;
  /** SHA-256 over the request; another one with the same value is refused. */
  readonly fingerprint: string;
  /** The answer, readable only with the client's own value. */
  readonly sealed: string;
  readonly createdAt: number;
}

export interface ReplayStore {
  /** Null on a miss, also where a kept outcome is older than `notBefore`. */
  find(workspaceId: string, id: string, notBefore: number): Promise<Replay | null>;

  /** Takes the place of an older outcome with the same id. */
  put(replay: Replay): Promise<void>;

  /** Forgets what was kept before the instant; returns how many. */
  purge(before: number): Promise<number>;
}
