import { setImmediate as afterEvents } from 'node:timers/promises';
import type { KeyRecord } from '../../../src/domain/keys/key-store.ts';
import type { Invalidation } from '../../../src/domain/shared/change-feed.ts';
import type { ChangesSince } from '../../../src/storage/engines/engine.ts';

/** The steps of simulated time, in milliseconds. A poll takes at least one, so that the shipped feed never waits in real time. */
const STEP_MS = 10;

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Simulated time: runs what is due in order, and lets all promises settle before it goes on. */
export class Timeline {
  #now = 0;
  #order = 0;
  #events: Event[] = [];

  get now(): number {
    return this.#now;
  }

  /** Runs `run` after at least `ms` milliseconds, at the next step. */
  after(ms: number, run: () => void): void {
    const at = this.#now + Math.max(STEP_MS, Math.ceil(ms / STEP_MS) * STEP_MS);
    const event = { at, order: this.#order++, run };
    let place = this.#events.length;
    while (place > 0 && isAfter(this.#events[place - 1], event)) place--;
    this.#events.splice(place, 0, event);
  }

  /** Runs all events up to the instant. */
  async runUntil(end: number): Promise<void> {
    for (let next = this.#events[0]; next && next.at <= end; next = this.#events[0]) {
      this.#events.shift();
      this.#now = next.at;
      next.run();
      await afterEvents();
    }
    this.#now = end;
  }
}

function isAfter(one: Event | undefined, other: Event): boolean {
  return one !== undefined && (one.at > other.at || (one.at === other.at && one.order > other.order));
}

/** The one database, which never fails by itself: connections to it do. Each method takes effect at once. */
export class MadeUpStore {
  readonly #records = new Map<string, KeyRecord>();
  readonly #digests = new Map<string, string>();
  readonly #commits: { readonly at: number; readonly changes: readonly Invalidation[] }[] = [];
  readonly #leased = new Map<string, number>();
  /** Commits before this number are deleted from the log. */
  #purged = 0;

  /** A change of one key, which commits at once. */
  commit(digest: string, record: KeyRecord, changes: readonly Invalidation[], at: number): void {
    this.#records.set(record.key.id, record);
    this.#digests.set(digest, record.key.id);
    this.#commits.push({ at, changes });
  }

  record(keyId: string): KeyRecord | null {
    return this.#records.get(keyId) ?? null;
  }

  find(digest: string): KeyRecord | null {
    return this.record(this.#digests.get(digest) ?? '');
  }

  digests(): string[] {
    return [...this.#digests.keys()].sort();
  }

  /** The changes that became visible since the snapshot, as far as they are not deleted; none without a snapshot. */
  since(snapshot: string | null): ChangesSince {
    const from = snapshot === null ? this.#commits.length : Math.max(Number(snapshot), this.#purged);
    return {
      snapshot: String(this.#commits.length),
      changes: this.#commits.slice(from).flatMap((one) => one.changes),
      receipts: [],
    };
  }

  /** Deletes the changes before an instant from the log, as the job does with those that are older than an hour. */
  purge(before: number): void {
    const kept = this.#commits.findIndex(({ at }) => at >= before);
    this.#purged = kept < 0 ? this.#commits.length : kept;
  }

  leased(lease: string): number {
    return this.#leased.get(lease) ?? 0;
  }

  addLease(lease: string, calls: number): void {
    this.#leased.set(lease, this.leased(lease) + calls);
  }
}
