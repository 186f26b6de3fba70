/** Milliseconds for which a call counts. */
const WINDOW_MS = 60_000;

/** Milliseconds after which an answer of the store is void: its calls are judged without the store. */
export const ANSWER_MS_MAX = 100;

/** Instants are whole milliseconds: at the store, and when a batch is sent and answered. */
const ROUNDING_MS = 2;

/**
 * Milliseconds for which the store counts a call. A call is made when its answer arrives, up to `ANSWER_MS_MAX` after the
 * store has counted it, so that a shorter time would allow more than the limit within 60 seconds of the calls themselves.
 */
export const COUNTED_MS = WINDOW_MS + ANSWER_MS_MAX + ROUNDING_MS;

/** Milliseconds without a `join` after which an instance is not counted as alive. */
export const INSTANCE_ALIVE_MS = 10_000;

/** Milliseconds after an empty restart of the store until it has seen all calls that count. */
export const REFILL_MS = WINDOW_MS + 1_000;

/** What an instance asks about one key, and reports about it. Counts are whole numbers. */
export interface Ask {
  readonly keyId: string;
  /** Calls per 60 seconds, at least 1. */
  readonly limit: number;
  /** The cost of each of the calls. */
  readonly cost: number;
  /** The number of calls of this cost; 0: nothing is taken. */
  readonly count: number;
  /** Cost that was admitted without the store. Counted first, whatever the limit. */
  readonly added: number;
  /** Cost that the store has counted at `returnedAt` (`Answer.now`), and that was not used. */
  readonly returned: number;
  readonly returnedAt: number;
}

/** What the store has counted for an ask. */
export interface Counted {
  /** The number of calls that are admitted, from the first on; the others are not counted. */
  readonly admitted: number;
  /** The cost that counts now. */
  readonly used: number;
  /** Milliseconds until some of it no longer counts; 0: none counts. */
  readonly resetMs: number;
  /** Milliseconds until a further call of this cost can be admitted; 0: now. For a cost above the limit, `COUNTED_MS`. */
  readonly waitMs: number;
}

/** Who asks, and what it knows of the store. */
export interface JoinRequest {
  /** The id of the instance. */
  readonly instance: string;
  /** The epoch of the last answer; null: there was none. */
  readonly epoch: string | null;
  /** The clock of the store was set, so that its counts are wrong. */
  readonly isClockSet: boolean;
}

export interface Joined {
  /** Milliseconds since 1970, by the clock of the store. */
  readonly now: number;
  /** A random text. It changes when the store has lost its counts, or when they are wrong. */
  readonly epoch: string;
  /** Milliseconds until the store has seen all calls that count; 0 unless it has lost its counts within the last minute. */
  readonly refillMs: number;
  /** The number of instances that are alive, this one included. */
  readonly instances: number;
}

export interface Answer {
  readonly now: number;
  /** The epoch of the store; null: it has none. If it is not that of the question, nothing was counted. */
  readonly epoch: string | null;
  /** In the order of the asks; empty if nothing was counted. */
  readonly counted: readonly Counted[];
}

/**
 * Counts the calls per minute of all instances, in cells of one second for each key. A cell counts until its latest call is
 * `COUNTED_MS` old. Only the clock of the store counts.
 *
 * A call rejects if its outcome is unknown, and is never sent again: what is counted twice would be lost, and what is
 * returned twice would go over the limit. At once if the store is not connected; it connects again by itself.
 */
export interface CounterStore {
  /** The kind of the store and where it is, without a password. */
  readonly description: string;
  /** As OpenTelemetry names it. */
  readonly system: 'redis' | 'postgresql';

  /** Says that the instance is alive. Begins a new epoch if the store has none, or its clock was set. */
  join(request: JoinRequest): Promise<Joined>;

  /** Counts the asks, at most one for each key, in one message. Each is counted by itself, and atomically. */
  count(epoch: string, asks: readonly Ask[]): Promise<Answer>;

  /** Says that the instance is not alive any longer. Its calls still count. */
  leave(instance: string): Promise<void>;

  /** Deletes what no longer counts, if the store does not do that by itself. */
  sweep(): Promise<void>;

  /** Replaces the connection. Pending calls reject. */
  reconnect(): void;

  close(): Promise<void>;
}
