import { setTimeout as pause } from 'node:timers/promises';
import type { MonotonicClock } from '../domain/shared/clock.ts';
import { Corrections } from './corrections.ts';
import { ANSWER_MS_MAX, type Answer, type Ask, type CounterStore } from './counter-store.ts';
import { answerGroup, askOf, type Entry, type Group, settle } from './entries.ts';
import { noAnswer, StoreHealth, type StoreHealthNeeds } from './store-health.ts';

/** How often an instance says that it is alive, and asks whether the store is back. */
const JOIN_MS = 1_000;
/** The most keys in one batch, so that its answer takes a small part of `ANSWER_MS_MAX`. */
const BATCH_MAX = 2_000;

interface Batch {
  readonly groups: readonly Group[];
  readonly asks: readonly Ask[];
  readonly epoch: string;
  readonly sentAt: number;
  /** Its entries were answered. */
  isSettled: boolean;
}

/**
 * Sends the entries of this instance to the counter store: one batch at the end of a turn of the event loop, or when the one
 * before is answered. An entry is sent once: if the answer is late, what the store has admitted is given back.
 */
export class StoreClient {
  readonly corrections = new Corrections();
  readonly health: StoreHealth;
  /** Called when cost of the key was given back, so that earlier denials of the store may no longer hold. */
  onReturned: (keyId: string) => void = () => {};
  readonly #store: CounterStore;
  readonly #instance: string;
  readonly #clock: MonotonicClock;
  #queue: Group[] = [];
  /** The last group in the queue of each key, which further entries join. */
  readonly #last = new Map<string, Group>();
  #isScheduled = false;
  #pending: Batch | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(needs: StoreHealthNeeds) {
    this.#store = needs.store;
    this.#instance = needs.instance;
    this.#clock = needs.clock;
    this.health = new StoreHealth(needs, () => this.corrections.dropReturned());
  }

  /** Waits up to a second for the store. Without it the instance starts too. */
  async start(): Promise<void> {
    await this.health.start();
    this.#timer = setInterval(() => {
      this.corrections.sweep(this.#now());
      void this.health.rejoin().then(() => this.#correct());
    }, JOIN_MS);
    this.#timer.unref();
  }

  /** Sends the entry with the next batch. Call it only while the store is reliable. */
  ask(entry: Entry): void {
    const { keyId, limit, isTaken } = entry;
    const last = this.#last.get(keyId);
    if (last && last.limit === limit && last.isTaken && isTaken) last.entries.push(entry);
    else {
      const group = { keyId, limit, isTaken, entries: [entry] };
      this.#queue.push(group);
      this.#last.set(keyId, group);
    }
    this.#schedule();
  }

  async close(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    const leave = () => this.#store.leave(this.#instance).catch(() => {});
    if (this.health.isReliable) await Promise.race([leave(), pause(ANSWER_MS_MAX)]);
    await this.#store.close();
  }

  #now(): number {
    return this.#clock.monotonic();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#pending) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#pending || this.#queue.length === 0) return;
    const { epoch, isReliable } = this.health;
    if (epoch === null || !isReliable) {
      const groups = this.#queue;
      this.#queue = [];
      this.#last.clear();
      settle(groups);
      return;
    }
    this.#send(this.#takeGroups(), epoch);
  }

  /** Groups for one batch: of each key the first in the queue. */
  #takeGroups(): Group[] {
    const taken = new Map<string, Group>();
    const left: Group[] = [];
    for (const group of this.#queue)
      if (taken.size < BATCH_MAX && !taken.has(group.keyId)) taken.set(group.keyId, group);
      else left.push(group);
    this.#queue = left;
    for (const [keyId, group] of taken) if (this.#last.get(keyId) === group) this.#last.delete(keyId);
    return [...taken.values()];
  }

  #send(groups: readonly Group[], epoch: string): void {
    const sentAt = this.#now();
    const asks = groups.map((group) => ({ ...askOf(group), ...this.corrections.take(group.keyId, sentAt) }));
    const batch: Batch = { groups, asks, epoch, sentAt, isSettled: false };
    this.#pending = batch;
    const count = () => this.#store.count(epoch, asks);
    this.health
      .send(count, () => this.#fail(batch, noAnswer()))
      .then(
        (answer) => this.#receive(batch, answer),
        (error: unknown) => {
          // It is unknown whether they were added: twice is safe.
          this.#addAgain(batch);
          this.#fail(batch, error);
        },
      );
  }

  #receive(batch: Batch, answer: Answer): void {
    const { epoch, sentAt } = batch;
    const isLate = batch.isSettled || this.#now() - sentAt > ANSWER_MS_MAX;
    const isOfEpoch = answer.epoch === epoch && answer.epoch === this.health.epoch;
    const isInTime = !isLate && isOfEpoch && !this.health.isRefilling;
    if (isInTime && this.health.succeed(sentAt, answer.now)) {
      this.#answer(batch, answer);
      return;
    }
    if (isOfEpoch) this.#giveBackAdmitted(batch, answer);
    else this.#addAgain(batch);
    if (isLate) this.#fail(batch, noAnswer());
    else this.#end(batch);
    if (answer.epoch !== this.health.epoch) this.health.distrust();
  }

  #answer(batch: Batch, { counted }: Answer): void {
    const { asks, groups, sentAt } = batch;
    batch.isSettled = true;
    this.#pending = null;
    const rests: Group[] = [];
    for (const [index, group] of groups.entries()) {
      const count = counted[index];
      const ask = asks[index];
      if (count && ask) rests.push(...answerGroup(group, ask.cost, count, sentAt));
    }
    if (rests.length > 0) this.#queue = [...rests, ...this.#queue];
    this.#flush();
  }

  /** The entries are decided without the store, so that what it has admitted is not used. */
  #giveBackAdmitted({ asks }: Batch, { counted, now }: Answer): void {
    for (const [index, { keyId, cost }] of asks.entries()) {
      this.corrections.giveBack(keyId, (counted[index]?.admitted ?? 0) * cost, now);
      this.onReturned(keyId);
    }
  }

  #addAgain({ asks }: Batch): void {
    for (const { keyId, added } of asks) this.corrections.add(keyId, added, this.#now());
  }

  #fail(batch: Batch, error: unknown): void {
    if (batch.isSettled) return;
    this.health.fail(error);
    this.#end(batch);
  }

  /** Its entries are judged without the store. */
  #end(batch: Batch): void {
    if (this.#pending === batch) this.#pending = null;
    const { groups, isSettled } = batch;
    batch.isSettled = true;
    if (!isSettled) settle(groups);
    this.#flush();
  }

  /** Sends the corrections of keys that are not used now; while the store refills, of all keys. */
  #correct(): void {
    const { epoch, isAnswering, isReliable } = this.health;
    if (epoch === null || !isAnswering) return;
    const keyIds = [...this.corrections.keys()].slice(0, BATCH_MAX);
    const groups = keyIds.map((keyId) => ({ keyId, limit: 1, isTaken: false, entries: [] }));
    if (groups.length === 0) return;
    if (isReliable) {
      this.#queue.push(...groups);
      this.#schedule();
    } else if (!this.#pending) this.#send(groups, epoch);
  }
}
