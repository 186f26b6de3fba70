import type { ErrorCode } from '@latchkey/contract';
import { LRUCache } from 'lru-cache';
import { AppError } from '../domain/shared/app-error.ts';
import type { Caller } from '../domain/shared/caller.ts';
import { toAppError } from './error-response.ts';

/** A value takes two bytes or more, so that this also bounds values: half as many. */
export const INVALID_BYTES_A_SECOND = 256 * 1024;
/** What a caller may send at once that has sent nothing invalid for a while. */
export const INVALID_BYTES_AT_ONCE = 4 * 1024 * 1024;
/** An empty object costs about as much as this many bytes: to authenticate its caller and to write the answer. */
const BYTES_MIN = 256;
const CALLERS_MAX = 10_000;

const INVALID: ReadonlySet<ErrorCode> = new Set(['JSON_INVALID', 'VALIDATION_FAILED', 'FIELD_UNKNOWN']);

interface Debt {
  readonly bytes: number;
  /** Milliseconds of a clock that never jumps. */
  readonly since: number;
}

/**
 * Bounds the work that a credential wastes with bodies that are denied as invalid. Only those count: a caller without
 * mistakes never notices. What it owes is remitted with time.
 */
export class InvalidBodies {
  readonly #debts = new LRUCache<string, Debt>({ max: CALLERS_MAX });
  readonly #now: () => number;

  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Throws UNAVAILABLE where the caller has sent too much that was invalid. Asked before a body is parsed. */
  requireCredit(caller: Caller): void {
    if (this.#owedBy(caller) < INVALID_BYTES_AT_ONCE) return;
    throw new AppError('UNAVAILABLE', {
      message: 'This credential has sent too many invalid bodies; mend the calls and try again later',
    });
  }

  /** Counts a body, if what its call failed with says that it was invalid. */
  count(caller: Caller, bytes: number, error: unknown): void {
    if (bytes === 0 || !INVALID.has(toAppError(error).code)) return;
    const owed = this.#owedBy(caller) + Math.max(bytes, BYTES_MIN);
    this.#debts.set(idOf(caller), { bytes: owed, since: this.#now() });
  }

  #owedBy(caller: Caller): number {
    const debt = this.#debts.get(idOf(caller));
    if (!debt) return 0;
    const remitted = ((this.#now() - debt.since) / 1_000) * INVALID_BYTES_A_SECOND;
    return Math.max(0, debt.bytes - remitted);
  }
}

function idOf({ keyId, workspaceId, userId }: Caller): string {
  return keyId ?? `${workspaceId} ${userId}`;
}
