import type { ErrorCode } from '@latchkey/contract';
import { LRUCache } from 'lru-cache';
import { AppError } from '../../domain/shared/app-error.ts';
import type { Caller } from '../../domain/shared/caller.ts';
import { toAppError } from '../pipeline/error-response.ts';

/** A value takes two bytes or more, so this also limits values: to half of the number. */
export const INVALID_BYTES_A_SECOND = 256 * 1024;
/** The burst that a caller may send after a time without invalid bodies. */
export const INVALID_BYTES_AT_ONCE = 4 * 1024 * 1024;
/** The fixed cost of a denied body, in bytes: it covers the authentication of its caller and the answer. */
const BYTES_MIN = 256;
const CALLERS_MAX = 10_000;

const INVALID: ReadonlySet<ErrorCode> = new Set(['JSON_INVALID', 'VALIDATION_FAILED', 'FIELD_UNKNOWN']);

interface Debt {
  readonly bytes: number;
  /** Milliseconds of a monotonic clock. */
  readonly since: number;
}

/**
 * Limits the work that a credential causes with invalid bodies (a leaky bucket per credential). Valid bodies do not
 * count. The count decreases with time.
 */
export class InvalidBodies {
  readonly #debts = new LRUCache<string, Debt>({ max: CALLERS_MAX });
  readonly #now: () => number;

  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Throws UNAVAILABLE if the caller has sent too many bytes of invalid bodies. Call this before a body is parsed. */
  requireCredit(caller: Caller): void {
    if (this.#owedBy(caller) < INVALID_BYTES_AT_ONCE) return;
    throw new AppError('UNAVAILABLE', {
      message: 'This credential has sent too many invalid bodies; correct the calls and try again later',
    });
  }

  /** Counts a body if the failure of its call means that the body was invalid. */
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
