import type { CountedDenialCode } from '@latchkey/contract';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import { BUCKET_MS, bucketStart } from './bucket.ts';
import type { DenialReason, Denials, KeyUsage, OldSecretUse, UsageStores } from './usage-store.ts';

/** Tallies (of one key in one minute) that wait to be written, less than 200 bytes each. */
const PENDING_MAX = 250_000;
/** Tallies written in one transaction: few, so that other transactions can run in between. */
const BATCH_SIZE = 256;
/**
 * Tallies that are sorted at once, so that the keys of a batch are close together in the store: with 100,000 keys that
 * writes a third less. Sorting more would block requests for longer than a millisecond or two.
 */
const ORDERED_SIZE = 8 * BATCH_SIZE;

export interface UsageRecorderNeeds {
  readonly unitOfWork: UnitOfWork<UsageStores>;
  /** Called with the number of uses since the last flush that were not counted, because too many tallies were pending. */
  readonly onUncounted: (uses: number) => void;
  /** Left out: `PENDING_MAX`. */
  readonly pendingMax?: number;
}

/**
 * Counts the use of keys in memory and writes the counts in the background, in batches. A crash loses the counts that are
 * not flushed yet.
 */
export class UsageRecorder {
  readonly #needs: UsageRecorderNeeds;
  readonly #pendingMax: number;
  /** By minute and key. */
  #pending = new Map<number, Map<string, Tally>>();
  /** The number of tallies that are pending or being written. */
  #size = 0;
  #uncounted = 0;
  /** The minute of the last call, and its tallies: the next call is most likely in the same minute. */
  #minute = Number.NaN;
  #tallies = new Map<string, Tally>();

  constructor(needs: UsageRecorderNeeds) {
    this.#needs = needs;
    this.#pendingMax = needs.pendingMax ?? PENDING_MAX;
  }

  /** The number of tallies, each of one key in one minute, that are not written yet. */
  get pending(): number {
    return this.#size;
  }

  /** Records a call to the service itself: a use without a verdict. `isOldSecret`: a rotation has replaced its secret. */
  recordUse(keyId: string, now: number, isOldSecret: boolean): void {
    const tally = this.#tallyOf(keyId, now);
    if (isOldSecret) tally?.useOldSecret({ allowed: 0, lastUsedAt: now });
    else tally?.use(now);
  }

  /** Records an allowed verdict, which is a use. Allocates nothing for a present secret that was already used in this minute. */
  recordAllowed(keyId: string, now: number, isOldSecret: boolean): void {
    const tally = this.#tallyOf(keyId, now);
    if (!tally) return;
    tally.allowed++;
    if (isOldSecret) tally.useOldSecret({ allowed: 1, lastUsedAt: now });
    else tally.use(now);
  }

  /** Records a denied verdict, which does not count as a use. */
  recordDenied(keyId: string, code: CountedDenialCode, now: number, reason: DenialReason): void {
    this.#tallyOf(keyId, now)?.deny(code, { count: 1, first: { at: now, reason } });
  }

  /**
   * Writes the counts since the last flush. If a write fails, rejects and keeps the unwritten counts for the next flush.
   * When it is unknown whether a commit succeeded, the batch is written again and may be counted twice.
   */
  async flush(): Promise<void> {
    const tallies = this.#takeAll();
    let written = 0;
    try {
      for (; written < tallies.length; written += BATCH_SIZE) {
        if (written % ORDERED_SIZE === 0) orderByKey(tallies, written, written + ORDERED_SIZE);
        const batch = tallies.slice(written, written + BATCH_SIZE);
        await this.#needs.unitOfWork.transact(({ usage }) => usage.add(batch));
        this.#size -= batch.length;
      }
    } catch (error) {
      for (const tally of tallies.slice(written)) this.#putBack(tally);
      throw error;
    } finally {
      this.#reportUncounted();
    }
  }

  #tallyOf(keyId: string, now: number): Tally | null {
    const sinceMinute = now - this.#minute;
    if (!(sinceMinute >= 0 && sinceMinute < BUCKET_MS.minute)) this.#turnTo(bucketStart(now, 'minute'));
    const known = this.#tallies.get(keyId);
    if (known) return known;
    if (this.#size >= this.#pendingMax) {
      this.#uncounted++;
      return null;
    }
    const tally = new Tally(keyId, this.#minute);
    this.#tallies.set(keyId, tally);
    this.#size++;
    return tally;
  }

  #turnTo(minute: number): void {
    const known = this.#pending.get(minute);
    this.#tallies = known ?? new Map();
    if (!known) this.#pending.set(minute, this.#tallies);
    this.#minute = minute;
  }

  #takeAll(): Tally[] {
    const tallies = [...this.#pending.values()].flatMap((ofMinute) => [...ofMinute.values()]);
    this.#pending = new Map();
    this.#minute = Number.NaN;
    return tallies;
  }

  #putBack(tally: Tally): void {
    this.#turnTo(tally.minute);
    const newer = this.#tallies.get(tally.keyId);
    this.#tallies.set(tally.keyId, tally);
    if (!newer) return;
    tally.add(newer);
    this.#size--;
  }

  #reportUncounted(): void {
    if (this.#uncounted > 0) this.#needs.onUncounted(this.#uncounted);
    this.#uncounted = 0;
  }
}

function orderByKey(tallies: Tally[], from: number, until: number): void {
  const ordered = tallies.slice(from, until).sort((one, other) => (one.keyId < other.keyId ? -1 : 1));
  tallies.splice(from, ordered.length, ...ordered);
}

/** The counts of one key in one minute. */
class Tally implements KeyUsage {
  readonly keyId: string;
  readonly minute: number;
  allowed = 0;
  denied: Map<CountedDenialCode, Denials> | null = null;
  // Starts as a number: with a null the engine would box each instant that is assigned.
  lastUsedAt = 0;

  constructor(keyId: string, minute: number) {
    this.keyId = keyId;
    this.minute = minute;
  }

  oldSecret: OldSecretUse | null = null;

  use(at: number): void {
    if (at > this.lastUsedAt) this.lastUsedAt = at;
  }

  useOldSecret({ allowed, lastUsedAt }: OldSecretUse): void {
    const known = this.oldSecret ?? { allowed: 0, lastUsedAt: 0 };
    const latest = Math.max(known.lastUsedAt, lastUsedAt);
    this.oldSecret = { allowed: known.allowed + allowed, lastUsedAt: latest };
  }

  deny(code: CountedDenialCode, { count, first }: Denials): void {
    this.denied ??= new Map();
    const known = this.denied.get(code);
    this.denied.set(code, known ? { count: known.count + count, first: known.first } : { count, first });
  }

  /** Adds the counts of a later tally of the same key and minute. */
  add(later: Tally): void {
    this.allowed += later.allowed;
    this.use(later.lastUsedAt);
    if (later.oldSecret) this.useOldSecret(later.oldSecret);
    for (const [code, denials] of later.denied ?? []) this.deny(code, denials);
  }
}
