/*
 * What instances may answer, written down without any code of the product. All times are the true ones of the simulated world,
 * in milliseconds; no instance can read them.
 */

/** The state of a key in the store. */
export type KeyState = 'absent' | 'active' | 'disabled' | 'revoked';

/** What a verification returned, as far as the oracle judges it. */
export type Outcome = 'VALID' | 'RATE_LIMITED' | 'KEY_INVALID' | 'KEY_DISABLED' | 'KEY_REVOKED';

export interface Limits {
  readonly perMinute: number | null;
  readonly perDay: number | null;
}

/** A verification that was answered; one that failed with UNAVAILABLE accepts nothing, and is not judged. */
export interface Answered {
  readonly key: string;
  readonly instance: string;
  readonly beganAt: number;
  readonly endedAt: number;
  /** The UTC day by the clock of the instance, which the call counts against; null if the day changed or the clock was set during the call. */
  readonly day: number | null;
  readonly outcome: Outcome;
}

export interface Violation {
  readonly promise: 'revoked stays revoked' | 'no limit exceeded' | 'no key lost' | 'no stale answer';
  readonly detail: string;
}

const OUTCOMES: Readonly<Record<KeyState, readonly Outcome[]>> = {
  absent: ['KEY_INVALID'],
  active: ['VALID', 'RATE_LIMITED'],
  disabled: ['KEY_DISABLED'],
  revoked: ['KEY_REVOKED'],
};

const MINUTE_MS = 60_000;

/** Judges each answer by the commits of the store, the acknowledgements of the instances, and the calls that were accepted. */
export class Oracle {
  readonly violations: Violation[] = [];
  readonly #leaseMs: number;
  readonly #states = new Map<string, { readonly at: number; readonly state: KeyState }[]>();
  readonly #limits = new Map<string, Limits>();
  /** When the last change that an instance acknowledged was committed, by instance and key. */
  readonly #acknowledged = new Map<string, { readonly at: number; readonly committedAt: number }[]>();
  readonly #accepted = new Map<string, number[]>();

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  created(key: string, limits: Limits): void {
    this.#limits.set(key, limits);
    this.#states.set(key, [{ at: Number.NEGATIVE_INFINITY, state: 'absent' }]);
  }

  committed(key: string, state: KeyState, at: number): void {
    this.#states.get(key)?.push({ at, state });
  }

  /** The instance has acknowledged the change of this key that was committed then. */
  acknowledged(key: string, instance: string, committedAt: number, at: number): void {
    push(this.#acknowledged, `${instance} ${key}`, { at, committedAt });
  }

  answered(answer: Answered): void {
    this.#judgeState(answer);
    if (answer.outcome === 'VALID') this.#judgeLimits(answer);
  }

  /** An answer is right if it was right at an instant between the earliest that the instance may still use and its end. */
  #judgeState({ key, instance, beganAt, endedAt, outcome }: Answered): void {
    const states = this.#states.get(key) ?? [];
    const earliest = this.#earliest(key, instance, beganAt, endedAt);
    const possible = states
      .filter(
        ({ at }, index) => at <= endedAt && (states[index + 1]?.at ?? Number.POSITIVE_INFINITY) > earliest,
      )
      .map(({ state }) => state)
      // A new key is accepted everywhere at once: the lease does not excuse an answer that it is unknown.
      .filter((state) => state !== 'absent' || (states[1]?.at ?? Number.POSITIVE_INFINITY) > beganAt);
    if (possible.some((state) => OUTCOMES[state].includes(outcome))) return;
    const detail = `${instance} answered ${outcome} from ${beganAt} to ${endedAt}; ${key} was ${states
      .map(({ at, state }) => `${state} at ${at}`)
      .join(', ')}`;
    this.violations.push({ promise: promiseOf(outcome, states.at(-1)?.state), detail });
  }

  /**
   * No answer depends on a state from before its end minus the lease, nor on one from before a change that the same instance
   * had acknowledged before the step in which the verification began.
   */
  #earliest(key: string, instance: string, beganAt: number, endedAt: number): number {
    const own = (this.#acknowledged.get(`${instance} ${key}`) ?? [])
      .filter(({ at }) => at < beganAt)
      .map(({ committedAt }) => committedAt);
    return Math.max(endedAt - this.#leaseMs, ...own);
  }

  /** A call takes its quota at some time between its begin and its end. Only calls that are wholly in a minute or day count. */
  #judgeLimits({ key, instance, beganAt, endedAt, day }: Answered): void {
    const { perMinute, perDay } = this.#limits.get(key) ?? { perMinute: null, perDay: null };
    // Until instances share a counter store, each counts the minutes of its own calls. Then, this is `key` alone.
    const counted = push(this.#accepted, `${instance} ${key}`, beganAt);
    const inMinute = counted.filter((at) => at > endedAt - MINUTE_MS).length;
    if (perMinute !== null && inMinute > perMinute)
      this.#exceeded(
        `${instance} accepted ${inMinute} calls of ${key} in a minute, whose limit is ${perMinute}`,
      );
    if (day === null) return;
    const inDay = push(this.#accepted, `day ${day} ${key}`, beganAt).length;
    if (perDay !== null && inDay > perDay)
      this.#exceeded(`${inDay} calls of ${key} were accepted in a day, whose limit is ${perDay}`);
  }

  #exceeded(detail: string): void {
    this.violations.push({ promise: 'no limit exceeded', detail });
  }
}

function promiseOf(outcome: Outcome, state: KeyState | undefined): Violation['promise'] {
  if (outcome === 'KEY_INVALID') return 'no key lost';
  return outcome === 'VALID' && state === 'revoked' ? 'revoked stays revoked' : 'no stale answer';
}

function push<T>(lists: Map<string, T[]>, name: string, item: T): T[] {
  const list = lists.get(name) ?? [];
  list.push(item);
  lists.set(name, list);
  return list;
}
