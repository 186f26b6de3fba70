import type { ErrorCode } from '@latchkey/contract';
import type { Caller } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import type { AuditStores } from './audit-store.ts';
import { type AuditDraft, actorOf, denialOf } from './entry.ts';
import { appendEntry } from './record-change.ts';

/** Denied calls of a workspace that are recorded in a minute of the clock; more would tell nothing new. */
export const DENIED_PER_MINUTE_MAX = 10;
/** Entries waiting to be written, of all workspaces together. */
const PENDING_MAX = 1_000;
const MINUTE_MS = 60_000;

export interface DeniedCallsNeeds {
  readonly unitOfWork: UnitOfWork<AuditStores>;
  readonly clock: Clock;
}

/**
 * Records a sample of the denied calls and writes it in the background: no request waits for it, and denied calls cannot
 * fill the disk. A crash loses the entries that are not flushed yet.
 */
export class DeniedCalls {
  readonly #needs: DeniedCallsNeeds;
  #pending: AuditDraft[] = [];
  #minute = 0;
  /** Denied calls of this minute, by workspace. */
  readonly #counts = new Map<string, number>();

  constructor(needs: DeniedCallsNeeds) {
    this.#needs = needs;
  }

  /** Adds an entry in memory, unless a maximum is reached; writes nothing. `call` is method and path. */
  record(caller: Caller, call: string, code: ErrorCode): void {
    const createdAt = this.#needs.clock.now();
    if (this.#pending.length >= PENDING_MAX || !this.#isSampled(caller.workspaceId, createdAt)) return;
    const target = { kind: 'call', id: call } as const;
    const nothing = { before: null, after: null };
    this.#pending.push({
      ...actorOf(caller),
      ...nothing,
      eventType: 'call.denied',
      target,
      ...denialOf(code),
      createdAt,
    });
  }

  /** Writes the entries recorded since the last flush. If that fails, rejects and keeps them for the next flush. */
  async flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const drafts = this.#pending;
    this.#pending = [];
    try {
      await this.#needs.unitOfWork.transact(async ({ audit }) => {
        for (const draft of drafts) await appendEntry(audit, draft);
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
