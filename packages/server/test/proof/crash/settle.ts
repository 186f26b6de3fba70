import { isDeepStrictEqual } from 'node:util';
import type { CrashedStore, StoredKey } from './crashed-store.ts';
import type { Doubt, KeyState, Ledger, LedgerKey, RepeatableCall } from './ledger.ts';
import type { Report } from './report.ts';

type Create = Extract<Doubt, { kind: 'create' }>;
type Rotate = Extract<Doubt, { kind: 'rotate' }>;
type Change = Extract<Doubt, { kind: 'change' }>;

/** A call whose answer was lost in the crash, to be sent again. `made` is what it has already stored. */
export type Unanswered =
  | { readonly doubt: Create; readonly call: RepeatableCall; readonly made: LedgerKey | null }
  | { readonly doubt: Rotate; readonly call: RepeatableCall; readonly made: LedgerKey | null };

export interface Aftermath {
  readonly store: CrashedStore;
  readonly ledger: Ledger;
  readonly report: Report;
  readonly cycle: number;
  /** When the process had exited. */
  readonly killedAt: number;
}

/**
 * Checks whether each change in doubt was stored as a whole or not at all, and enters the result in the ledger; anything else
 * is reported as half applied. Returns the calls to be repeated.
 */
export function settleDoubts(aftermath: Aftermath): Unanswered[] {
  const { doubts } = aftermath.ledger;
  const unanswered = [...doubts].map((doubt) => settle(aftermath, doubt));
  doubts.clear();
  return unanswered.filter((call) => call !== null);
}

function settle(aftermath: Aftermath, doubt: Doubt): Unanswered | null {
  switch (doubt.kind) {
    case 'create':
      return settleCreate(aftermath, doubt);
    case 'rotate':
      return settleRotate(aftermath, doubt);
    case 'change':
      settleChange(aftermath, doubt);
      return null;
  }
}

function settleCreate({ store, ledger, report, cycle }: Aftermath, doubt: Create): Unanswered | null {
  const [stored] = store.named(doubt.expected.name);
  report.resolve(stored !== undefined);
  if (stored && !isDeepStrictEqual(stored.state, { ...doubt.expected, hint: stored.state.hint })) {
    report.find('half applied', cycle, `create: ${JSON.stringify(stored)}`);
  }
  const made = stored ? ledger.add(stored.id, stored.state, doubt.into, cycle) : null;
  if (doubt.repeat) return { doubt, call: doubt.repeat, made };
  if (doubt.busy) doubt.busy.isBusy = false;
  return null;
}

function settleRotate(aftermath: Aftermath, doubt: Rotate): Unanswered | null {
  const { store, ledger, report, cycle, killedAt } = aftermath;
  const { key, sentAt, overlapMs } = doubt;
  const stored = store.key(key.id);
  const isApplied = stored !== null && stored.state.hint !== key.state.hint;
  if (isApplied) {
    const { hint } = stored.state;
    ledger.rotated(key, { secret: null, hint, after: sentAt, before: killedAt, overlapMs });
  }
  report.resolve(isApplied);
  if (!isDeepStrictEqual(stored?.state, key.state)) {
    report.find('half applied', cycle, `rotate: ${describe(stored, key.state)}`);
  }
  if (doubt.repeat) return { doubt, call: doubt.repeat, made: isApplied ? key : null };
  key.isBusy = false;
  return null;
}

function settleChange({ store, report, cycle }: Aftermath, { targets, isAtomic }: Change): void {
  const sides = new Set<boolean>();
  for (const { key, after } of targets) {
    const stored = store.key(key.id);
    const isApplied = isDeepStrictEqual(stored?.state, after);
    if (!isApplied && !isDeepStrictEqual(stored?.state, key.state)) {
      report.find('half applied', cycle, `change: ${describe(stored, after)}`);
    }
    if (isApplied) key.state = after;
    sides.add(isApplied);
    report.resolve(isApplied);
    key.isBusy = false;
  }
  if (isAtomic && sides.size > 1) {
    report.find('half applied', cycle, `one change of ${targets.map(({ key }) => key.id).join(', ')}`);
  }
}

/** Compares the keys with their stored rows. No change may be in doubt. */
export function compareKeys({ store, report, cycle }: Aftermath, keys: Iterable<LedgerKey>): void {
  for (const { id, state } of keys) {
    const stored = store.key(id);
    if (!isDeepStrictEqual(stored?.state, state)) report.find('lost', cycle, describe(stored, state));
  }
}

function describe(stored: StoredKey | null, expected: KeyState): string {
  return `${JSON.stringify(stored)} where there should be ${JSON.stringify(expected)}`;
}
