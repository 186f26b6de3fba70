import { SESSION_IDLE_MS } from '../domain/sessions/session.ts';
import type { SessionStore } from '../domain/sessions/session-store.ts';
import type { SignInLinkStore } from '../domain/sessions/sign-in-link-store.ts';
import type { Clock } from '../domain/shared/clock.ts';
import type { DescentStore } from '../domain/shared/descent.ts';
import type { IdempotencyStore } from '../domain/shared/idempotency-store.ts';
import { OUTCOME_KEPT_MS } from '../domain/shared/idempotent.ts';
import { type DayQuotaStore, dayOf } from '../domain/verification/limits/day-quota-store.ts';
import type { QuotaCounters } from '../domain/verification/limits/quota-counters.ts';
import type { Job } from './schedule.ts';

const SWEEP_MS = 60_000;
const READ_DIGESTS_MS = 10_000;
const PURGE_MS = 3_600_000;

export interface JobNeeds {
  readonly clock: Clock;
  readonly counters: QuotaCounters;
  readonly dayQuotas: DayQuotaStore;
  readonly idempotency: IdempotencyStore;
  readonly sessions: SessionStore;
  readonly signInLinks: SignInLinkStore;
  readonly descent: DescentStore;
  readonly known: { read(signal: AbortSignal): Promise<void> };
}

/** The scheduled jobs of limits, idempotency, sessions, and the filter of stored digests. */
export function jobsOf(needs: JobNeeds): Job[] {
  const { clock, counters, dayQuotas, idempotency, sessions, signInLinks, descent, known } = needs;
  return [
    { name: 'release idle quotas', everyMs: SWEEP_MS, run: () => counters.sweep(clock.now()) },
    {
      name: 'read known digests',
      everyMs: READ_DIGESTS_MS,
      atStart: true,
      run: (signal) => known.read(signal),
    },
    {
      name: 'delete expired entries',
      everyMs: PURGE_MS,
      async run() {
        const now = clock.now();
        await idempotency.purge(now - OUTCOME_KEPT_MS);
        await sessions.purge(now, now - SESSION_IDLE_MS);
        await signInLinks.purge(now);
        await descent.purge();
        // Yesterday is kept for an instance whose clock is slow.
        await dayQuotas.purge(dayOf(now) - 1);
      },
    },
  ];
}
