import { REPLAY_KEPT_MS } from '../domain/keys/mint-once.ts';
import type { ReplayStore } from '../domain/keys/replay-store.ts';
import type { Clock } from '../domain/shared/clock.ts';
import type { LastUsed } from '../domain/usage/last-used.ts';
import { type DayQuotaStore, dayOf } from '../domain/verification/limits/day-quota-store.ts';
import type { QuotaCounters } from '../domain/verification/limits/quota-counters.ts';
import type { Job } from './schedule.ts';

const FLUSH_MS = 5_000;
const SWEEP_MS = 60_000;
const LEARN_MS = 10_000;
const PURGE_MS = 3_600_000;

export interface JobNeeds {
  readonly clock: Clock;
  readonly lastUsed: LastUsed;
  readonly counters: QuotaCounters;
  readonly dayQuotas: DayQuotaStore;
  readonly replays: ReplayStore;
  readonly known: { read(signal: AbortSignal): Promise<void> };
}

/** All timed work of a running service. */
export function jobsOf({ clock, lastUsed, counters, dayQuotas, replays, known }: JobNeeds): Job[] {
  return [
    { name: 'write last uses', everyMs: FLUSH_MS, run: () => lastUsed.flush() },
    { name: 'release idle quotas', everyMs: SWEEP_MS, run: () => counters.sweep(clock.now()) },
    { name: 'read known digests', everyMs: LEARN_MS, atStart: true, run: (signal) => known.read(signal) },
    {
      name: 'forget what is over',
      everyMs: PURGE_MS,
      async run() {
        const now = clock.now();
        await replays.purge(now - REPLAY_KEPT_MS);
        // Yesterday stays, for an instance whose clock is a little behind.
        await dayQuotas.purge(dayOf(now) - 1);
      },
    },
  ];
}
