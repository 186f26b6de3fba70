import { BUILT_IN_CATALOGUE } from '@latchkey/contract';
import { LeasedCounters } from '../../../src/counters/leased-counters.ts';
import type { KeyRecord } from '../../../src/domain/keys/key-store.ts';
import { AppError } from '../../../src/domain/shared/app-error.ts';
import type { Invalidation, SharedChanges } from '../../../src/domain/shared/change-feed.ts';
import type { Clock, MonotonicClock } from '../../../src/domain/shared/clock.ts';
import { Keyring } from '../../../src/domain/shared/keyring.ts';
import { UsageRecorder } from '../../../src/domain/usage/usage-recorder.ts';
import type { DayQuotaStore, Lease } from '../../../src/domain/verification/limits/day-quota-store.ts';
import { Verifier } from '../../../src/domain/verification/verifier.ts';
import { KeyExistenceFilter } from '../../../src/replica/key-existence-filter.ts';
import { KeyReplica } from '../../../src/replica/key-replica.ts';
import { InProcessFeed, PolledFeed } from '../../../src/storage/change-feeds.ts';
import type { ChangeLog } from '../../../src/storage/engines/engine.ts';
import type { Random } from '../../harness/random.ts';
import { asking } from '../../harness/verification.ts';
import type { MadeUpStore, Timeline } from './world.ts';

export const LEASE_MS = 1_000;
const POLL_MS = 100;
const FILTER_MS = 400;
const MEMORY_KEYS = 16;
/** One way over the network: mostly short, and never so long that a look-up takes longer than a verification waits. */
const DELAY_MS_MAX = 400;

export const keyring = new Keyring(Buffer.alloc(32, 7));

/** What is broken on purpose, to show that the simulation finds it. */
export type Fault =
  | 'memory is used after the lease'
  | 'the lease is measured on the monotonic clock alone'
  | 'a new key waits for a poll that has already begun'
  | 'a leased part of a day limit is not stored';

interface Surroundings {
  readonly timeline: Timeline;
  readonly store: MadeUpStore;
  readonly random: Random;
  readonly fault: Fault | null;
}

/** The clock of one machine: it stops while the machine is suspended, and is adjusted. */
class MachineClock implements Clock, MonotonicClock {
  readonly #timeline: Timeline;
  #suspendedAt: number | null = null;
  #suspendedMs = 0;
  #adjustedMs: number;
  /** How often it was adjusted. */
  adjustments = 0;

  constructor(timeline: Timeline, startsAt: number) {
    this.#timeline = timeline;
    this.#adjustedMs = startsAt;
  }

  now(): number {
    return this.#timeline.now + this.#adjustedMs;
  }

  monotonic(): number {
    return (this.#suspendedAt ?? this.#timeline.now) - this.#suspendedMs;
  }

  adjust(ms: number): void {
    this.#adjustedMs += ms;
    this.adjustments++;
  }

  suspend(): void {
    this.#suspendedAt = this.#timeline.now;
  }

  resume(): void {
    if (this.#suspendedAt !== null) this.#suspendedMs += this.#timeline.now - this.#suspendedAt;
    this.#suspendedAt = null;
  }
}

/** An instance of the service: the shipped feed, replica, filter, counters and verifier over made-up I/O. */
export class Instance {
  readonly name: string;
  readonly clock: MachineClock;
  isCutOff = false;
  readonly #around: Surroundings;
  readonly #feed = new InProcessFeed();
  readonly #polled: PolledFeed;
  readonly #known: KeyExistenceFilter;
  readonly #verifier: Verifier;
  readonly #log: Pick<ChangeLog, 'since' | 'onLost'>;
  #isStopped = false;
  #isDead = false;
  /** What is due while the process is stopped. */
  #held: (() => void)[] = [];

  constructor(name: string, around: Surroundings, clock?: MachineClock, startsAt = 0) {
    const { timeline, store, fault } = around;
    this.name = name;
    this.#around = around;
    this.clock = clock ?? new MachineClock(timeline, startsAt);
    this.#log = { since: (snapshot) => this.#io(() => store.since(snapshot)), onLost: () => {} };
    const { clock: own } = this;
    const feedClock = {
      now: () =>
        fault === 'the lease is measured on the monotonic clock alone' ? own.monotonic() : own.now(),
      monotonic: () => own.monotonic(),
    };
    const publish = (changes: readonly Invalidation[]) => this.#feed.publish(changes);
    this.#polled = new PolledFeed({ log: this.#log, publish, clock: feedClock, leaseMs: LEASE_MS });
    const lookup = {
      findByDigest: (digest: string) => this.#io(() => store.find(digest)),
      digests: (after: string) => this.#io(() => store.digests().filter((digest) => digest > after)),
      countDigests: () => this.#io(() => store.digests().length),
    };
    this.#known = new KeyExistenceFilter(lookup, this.#feed);
    const replica = new KeyReplica(
      {
        ...{
          lookup,
          feed: this.#feed,
          keyring,
          known: this.#known,
          clock: own,
          catalogue: BUILT_IN_CATALOGUE,
        },
        shared: this.#shared(),
      },
      MEMORY_KEYS,
    );
    const unreachable = () => {
      throw new Error('the simulation does not do this');
    };
    this.#verifier = new Verifier({
      ...{ replica, clock: own, onAltered: unreachable },
      storedDigest: async (keyText) => keyring.digest(keyText),
      counters: new LeasedCounters(this.#dayQuotas(), own, { instances: () => 2 }),
      usage: new UsageRecorder({ unitOfWork: { transact: unreachable }, onUncounted: unreachable }),
    });
    this.#repeat(POLL_MS, () => this.#polled.poll());
    this.#repeat(FILTER_MS, () => this.#known.read(new AbortController().signal));
  }

  get isRunning(): boolean {
    return !this.#isStopped && !this.#isDead;
  }

  /** Resolves with the code, and the day as `Answered.day`; with null if the verification failed. */
  async verify(text: string, cost: number): Promise<{ code: string; day: number | null } | null> {
    const { clock } = this;
    const today = () => Math.floor(clock.now() / 86_400_000);
    const [day, adjustments] = [today(), clock.adjustments];
    try {
      const { code } = await this.#verifier.verify(asking(text, { cost }));
      const isWithinDay = today() === day && clock.adjustments === adjustments;
      return { code, day: isWithinDay ? day : null };
    } catch (error) {
      if (error instanceof AppError && error.code === 'UNAVAILABLE') return null;
      throw error;
    }
  }

  /**
   * Changes a key in the store, and publishes the change before it resolves, as every change does. Resolves with the time of
   * the commit; rejects if the connection fails, before or after the commit.
   */
  async change(commit: () => void, changes: readonly Invalidation[]): Promise<number> {
    const committedAt = await this.#io(() => {
      commit();
      return this.#around.timeline.now;
    });
    this.#feed.publish(changes);
    return committedAt;
  }

  /** Stops the process for some time; its machine too, if `isSuspended`. */
  stop(ms: number, isSuspended: boolean): void {
    this.#isStopped = true;
    if (isSuspended) this.clock.suspend();
    this.#around.timeline.after(ms, () => {
      if (isSuspended) this.clock.resume();
      this.#isStopped = false;
      const held = this.#held;
      this.#held = [];
      for (const run of held) run();
    });
  }

  loseConnections(): void {
    this.#log.onLost();
  }

  /** Ends the process: nothing of it runs again. Returns one that was started in its place. */
  restart(name: string): Instance {
    this.#isDead = true;
    return new Instance(name, this.#around, this.clock);
  }

  /** Runs after `ms` milliseconds on this instance: later if it is stopped then, never if it has ended. */
  #later(ms: number, run: () => void): void {
    this.#around.timeline.after(ms, () => this.#whenRunning(run));
  }

  #whenRunning(run: () => void): void {
    if (this.#isDead) return;
    if (this.#isStopped) this.#held.push(run);
    else run();
  }

  #repeat(ms: number, work: () => Promise<void>): void {
    const next = () => this.#later(ms, run);
    const run = () => void work().then(next, next);
    run();
  }

  /** A question to the store over the network. It can fail before the store does it, and after. */
  #io<T>(work: () => T, failure: () => Error = () => new AppError('UNAVAILABLE')): Promise<T> {
    const { timeline, random } = this.#around;
    const delay = () => (random.chance(0.9) ? random.below(4) * 10 : random.below(DELAY_MS_MAX));
    const lose = (reject: (error: Error) => void) => this.#later(delay(), () => reject(failure()));
    return new Promise<T>((resolve, reject) => {
      timeline.after(delay(), () => {
        if (this.#isDead) return;
        if (this.isCutOff || random.chance(0.01)) {
          lose(reject);
          return;
        }
        const result = work();
        if (random.chance(0.01)) lose(reject);
        else this.#later(delay(), () => resolve(result));
      });
    });
  }

  #shared(): SharedChanges {
    const polled = this.#polled;
    const { fault } = this.#around;
    return {
      leaseMs: LEASE_MS,
      isCurrent: () => fault === 'memory is used after the lease' || polled.isCurrent(),
      catchUp: () =>
        fault === 'a new key waits for a poll that has already begun'
          ? polled.poll().catch((cause) => Promise.reject(new AppError('UNAVAILABLE', { cause })))
          : polled.catchUp(),
    };
  }

  #dayQuotas(): DayQuotaStore {
    const { store, fault } = this.#around;
    const ask = <T>(work: () => T) => this.#io(work, () => new AppError('UNAVAILABLE'));
    const isStored = fault !== 'a leased part of a day limit is not stored';
    const add = (leases: readonly Lease[], sign: number) =>
      ask(() => {
        for (const { keyId, day, calls } of leases) store.addLease(`${keyId} ${day}`, sign * calls);
      });
    return {
      take: ({ id }, day, wanted, limit) =>
        ask(() => {
          const before = store.leased(`${id} ${day}`);
          const granted = Math.max(0, Math.min(wanted, limit - before));
          if (isStored) store.addLease(`${id} ${day}`, granted);
          return { granted, taken: before + granted };
        }),
      taken: (keyId, day) => ask(() => store.leased(`${keyId} ${day}`)),
      add: (leases) => add(leases, 1),
      giveBack: (leases) => add(leases, -1),
      purge: async () => {},
    };
  }
}

/** The invalidations that a change of a key publishes. */
export function invalidationsOf({ key }: KeyRecord, newDigest?: string): Invalidation[] {
  const changed = { kind: 'key', keyId: key.id } as const;
  return newDigest === undefined ? [changed] : [{ kind: 'secret', digest: newDigest }, changed];
}
