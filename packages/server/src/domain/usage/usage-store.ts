import type { DecisionStep, DeniedCode, Granularity, Permission, VerdictCode } from '@latchkey/contract';

/** What stood against a key when it was refused. */
export interface DenialReason {
  readonly step: DecisionStep;
  /** What it lacked of what was asked. */
  readonly missing: readonly Permission[];
  readonly cost: number;
}

/** The refusals of one code. */
export interface Denials {
  readonly count: number;
  /** The first of them. */
  readonly first: { readonly at: number; readonly reason: DenialReason };
}

/** What happened with a key in a minute, as far as it has not been stored yet. */
export interface KeyUsage {
  readonly keyId: string;
  /** When the minute begins. */
  readonly minute: number;
  readonly allowed: number;
  /** Null: none. */
  readonly denied: ReadonlyMap<DeniedCode, Denials> | null;
  /** The last use that was no refusal; 0: there was none. */
  readonly lastUsedAt: number;
}

/** How many verdicts of a code there were in a span. */
export interface UsageCount {
  readonly startsAt: number;
  readonly code: VerdictCode;
  readonly count: number;
}

/** One refusal that was kept. */
export interface KeptRefusal extends DenialReason {
  readonly at: number;
  readonly code: DeniedCode;
}

/** How keys were used and refused. Each verdict is counted in one place, at first in its minute. */
export interface UsageStore {
  /**
   * Adds to what is counted already, and moves `lastUsedAt` of each key forward to the use given, never backward; a key
   * that is unknown is passed over there. Of the refusals of a key, a code and a minute the first that is added is kept,
   * and of those of a key and a code the latest `REFUSALS_KEPT`. Nothing else about a key is written.
   */
  add(usages: readonly KeyUsage[]): Promise<void>;

  /**
   * What was counted of a key in spans that begin at or after `from` and before `until`, which begin spans themselves.
   * What was counted in finer spans is summed up; what has gone into coarser ones is not found.
   */
  count(
    workspaceId: string,
    keyId: string,
    granularity: Granularity,
    from: number,
    until: number,
  ): Promise<UsageCount[]>;

  /** The refusals of a key that are kept, the latest first. */
  refusals(workspaceId: string, keyId: string): Promise<KeptRefusal[]>;

  /**
   * Moves counts of `fine` spans that began before the instant, which begins a coarse span, into the `coarse` spans around
   * them: a limited number at a time, the oldest first. False where nothing was left to move.
   */
  rollUp(fine: Granularity, coarse: Granularity, before: number): Promise<boolean>;

  /** Forgets the refusals before this instant. */
  purgeRefusals(before: number): Promise<void>;
}

/** The stores of a transaction that counts. */
export interface UsageStores {
  readonly usage: UsageStore;
}
