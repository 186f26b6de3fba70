import type { ErrorCode } from '@latchkey/contract';
import type { Caller } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import type { AuditStores } from './audit-store.ts';
import { type AuditDraft, actorOf } from './entry.ts';

/** How many refusals of a workspace are kept in a minute of the clock. Beyond that nothing new would be learnt. */
export const DENIED_PER_MINUTE_MAX = 10;
/** Entries that wait to be written, of all workspaces together. */
const PENDING_MAX = 1_000;
const MINUTE_MS = 60_000;

export interface DeniedCallsNeeds {
  readonly unitOfWork: UnitOfWork<AuditStores>;
  readonly clock: Clock;
}

/**
 * Remembers a sample of the calls that were refused and writes it behind the requests: nobody waits for it, and nobody
 * can fill the disk with it. A crash loses what has not been flushed yet.
 */
export class DeniedCalls {
  readonly #needs: DeniedCallsNeeds;
  #pending: AuditDraft[] = [];
  #minute = 0;
  /** Of this minute, by workspace. */
  readonly #counts = new Map<string, number>();

  constructor(needs: DeniedCallsNeeds) {
    this.#needs = needs;
  }

  /** `call` is method and path. Costs an entry in memory at most; writes nothing. */
  record(caller: Caller, call: string, refusal: ErrorCode): void {
    const createdAt = this.#needs.clock.now();
    if (this.#pending.length >= PENDING_MAX || !this.#isSampled(caller.workspaceId, createdAt)) return;
    const target = { kind: 'call', id: call } as const;
    const nothing = { before: null, after: null };
    this.#pending.push({
      ...actorOf(caller),
      ...nothing,
      eventType: 'call.denied',
      target,
      refusal,
      createdAt,
    });
  }

  /** Writes what has come together since the last flush. What could not be written is kept for the next one. */
  async flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const drafts = this.#pending;
    this.#pending = [];
    try {
      await this.#needs.unitOfWork.transact(async ({ audit }) => {
        for (const draft of drafts) await audit.append(draft);
      });
    } catch (error) {
      this.#pending = [...drafts, ...this.#pending].slice(0, PENDING_MAX);
      throw error;
    }
  }

  #isSampled(workspaceId: string, now: number): boolean {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.#minute) this.#counts.clear();
    this.#minute = minute;
    const count = (this.#counts.get(workspaceId) ?? 0) + 1;
    this.#counts.set(workspaceId, count);
    return count <= DENIED_PER_MINUTE_MAX;
  }
}
