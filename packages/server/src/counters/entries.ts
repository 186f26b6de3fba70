import type { Ask, Counted } from './counter-store.ts';

/** A call that asks for quota. */
export interface Entry {
  readonly keyId: string;
  readonly limit: number;
  readonly cost: number;
  /** False: nothing is taken. */
  readonly isTaken: boolean;
  /** Called once. Null: the store did not answer in time, so that its answer does not count. */
  readonly answer: (verdict: EntryVerdict | null) => void;
}

export interface EntryVerdict {
  readonly isAdmitted: boolean;
  /** The cost that counted after this entry. */
  readonly used: number;
  /** As of `Counted`. */
  readonly resetMs: number;
  /** Milliseconds after `askedAt` until `costAsked` can be admitted; 0: at once. */
  readonly waitMs: number;
  readonly costAsked: number;
  /** When the batch was sent, by the monotonic clock. */
  readonly askedAt: number;
}

/** Entries of one key that are sent as one ask. */
export interface Group {
  readonly keyId: string;
  readonly limit: number;
  readonly isTaken: boolean;
  readonly entries: Entry[];
}

/** Entries of one cost are counted one by one, others together. */
export function askOf({
  keyId,
  limit,
  isTaken,
  entries,
}: Group): Pick<Ask, 'keyId' | 'limit' | 'cost' | 'count'> {
  const [first] = entries;
  const cost = first?.cost ?? 0;
  if (!isTaken) return { keyId, limit, cost, count: 0 };
  if (entries.every((entry) => entry.cost === cost)) return { keyId, limit, cost, count: entries.length };
  const sum = entries.reduce((total, entry) => total + entry.cost, 0);
  return { keyId, limit, cost: Math.min(sum, limit + 1), count: 1 };
}

/** Answers the entries. Returns those that have to be asked again, in groups: of entries that together were too much. */
export function answerGroup(
  { entries, ...group }: Group,
  costAsked: number,
  { admitted, used, resetMs, waitMs }: Counted,
  askedAt: number,
): Group[] {
  const isSum = group.isTaken && entries.some(({ cost }) => cost !== entries[0]?.cost);
  if (isSum && admitted === 0) {
    const middle = Math.ceil(entries.length / 2);
    return [entries.slice(0, middle), entries.slice(middle)].map((part) => ({ ...group, entries: part }));
  }
  const admittedEntries = isSum ? entries.length : admitted;
  let usedBy = used - admitted * costAsked;
  entries.forEach((entry, index) => {
    const isAdmitted = index < admittedEntries;
    if (isAdmitted) usedBy += entry.cost;
    entry.answer({ isAdmitted, used: usedBy, resetMs, waitMs, costAsked, askedAt });
  });
  return [];
}

export function settle(groups: readonly Group[]): void {
  for (const { entries } of groups) for (const { answer } of entries) answer(null);
}
