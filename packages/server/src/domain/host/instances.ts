/** A running process of the service. */
export interface Instance {
  readonly id: string;
  readonly version: string;
  /** The name of its machine, and its process id there. */
  readonly host: string;
  readonly pid: number;
  readonly startedAt: number;
  /** The ids of the peppers in its pepper file at its start; none if its version does not report them. */
  readonly pepperIds: readonly string[];
}

/** What an instance has in memory. */
export interface InstanceHealth {
  /** The number of keys in memory. */
  readonly cachedKeys: number;
  /** By how many milliseconds the cached keys may be older than the database. */
  readonly lagMs: number;
  /** The last error in the log since the start; null: none. */
  readonly lastError: { readonly at: number; readonly message: string } | null;
}

/** An instance as it was at its last heartbeat. */
export interface InstanceState extends Instance, InstanceHealth {
  readonly heartbeatAt: number;
}

/** Since when an instance decides by nothing that it cached before a change; null: it has not confirmed that yet. */
export interface Confirmation {
  readonly id: string;
  readonly confirmedAt: number | null;
}

/** The running processes over the database of the service. */
export interface Instances {
  /** How many there are, at least 1. Read from memory; up to one heartbeat old. */
  readonly count: number;
  /** All of them, the oldest first: read from the database, and from memory if it does not answer within a second. */
  list(): Promise<readonly InstanceState[]>;
  /**
   * Waits, at most five seconds, until each of them has dropped what it had cached before the call. A change that was
   * committed before the call is then in force everywhere. Never rejects: an instance that has not confirmed is listed.
   */
  confirmAll(): Promise<readonly Confirmation[]>;
}
