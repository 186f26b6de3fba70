import { LatchkeyError } from '../errors.ts';
import type { KeyCheck } from '../resources/keys.ts';
import type { Verdict } from '../verdict.ts';
import type { KeyVerifier } from './options.ts';

interface Waiting {
  readonly check: KeyCheck;
  readonly resolve: (verdict: Verdict) => void;
  readonly reject: (error: unknown) => void;
}

/** The limits of one verify-many call, with room for its frame: checks, JSON values, and bytes. */
const CHECKS_MAX = 1_000;
const VALUES_MAX = 19_000;
const BYTES_MAX = 1_000_000;

type VerifyOne = (check: KeyCheck) => Promise<Verdict>;

const verifiers = new WeakMap<KeyVerifier, VerifyOne>();

/** Verifies one key with the client. All routes that share a client share its batches. */
export function batchedVerify(latchkey: KeyVerifier): VerifyOne {
  const known = verifiers.get(latchkey) ?? batchPerTick(latchkey);
  verifiers.set(latchkey, known);
  return known;
}

/**
 * Collects the checks of one turn of the event loop, and sends them as one call. If the call fails, exactly its own checks
 * fail.
 */
function batchPerTick(latchkey: KeyVerifier): VerifyOne {
  let waiting: Waiting[] = [];
  const flush = () => {
    const gathered = waiting;
    waiting = [];
    for (const batch of batchesOf(gathered)) void send(latchkey, batch);
  };
  return (check) =>
    new Promise((resolve, reject) => {
      if (waiting.push({ check, resolve, reject }) === 1) afterThisTick(flush);
    });
}

/** Never rejects. */
async function send(latchkey: KeyVerifier, batch: readonly Waiting[]): Promise<void> {
  try {
    const verdicts = await latchkey.keys.verifyMany(batch.map(({ check }) => check));
    batch.forEach(({ resolve, reject }, index) => {
      const verdict = verdicts[index];
      if (verdict) resolve(verdict);
      else reject(new Error('There is no verdict for this check'));
    });
  } catch (error) {
    const groups = isRejectedAsAWhole(error) ? groupsOf(batch) : [];
    if (groups.length > 1) for (const group of groups) void send(latchkey, group);
    else for (const { reject } of batch) reject(error);
  }
}

/** Was the call denied before any check, because one check has a question that the service does not accept? */
function isRejectedAsAWhole(error: unknown): boolean {
  return error instanceof LatchkeyError && error.status === 400;
}

/** The checks of a batch by their question: a route that asks for an unknown permission must not fail the other routes. */
function groupsOf(batch: readonly Waiting[]): Waiting[][] {
  const groups = new Map<string, Waiting[]>();
  for (const one of batch) {
    const { key: _, ...question } = one.check;
    const name = JSON.stringify(question);
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return [...groups.values()];
}

/** The checks in their order, in as few batches as the limits of one call allow. */
function batchesOf(waiting: readonly Waiting[]): Waiting[][] {
  const batches: Waiting[][] = [];
  let [values, bytes] = [0, 0];
  for (const one of waiting) {
    const { key, permissions = [] } = one.check;
    const own = { values: 4 + permissions.length, bytes: key.length + permissions.join('","').length + 64 };
    values += own.values;
    bytes += own.bytes;
    const last = batches.at(-1);
    if (last && last.length < CHECKS_MAX && values <= VALUES_MAX && bytes <= BYTES_MAX) last.push(one);
    else {
      batches.push([one]);
      ({ values, bytes } = own);
    }
  }
  return batches;
}

const { setImmediate: immediately, navigator } = globalThis as {
  setImmediate?: (work: () => void) => unknown;
  navigator?: { readonly userAgent?: string };
};

/** Calls `flush` after the other callbacks of this turn of the event loop. */
function afterThisTick(flush: () => void): void {
  // In Cloudflare Workers, one request cannot wait for a call of another one, so every check is a call of its own.
  if (navigator?.userAgent === 'Cloudflare-Workers') flush();
  else if (immediately) immediately(flush);
  else setTimeout(flush, 0);
}
