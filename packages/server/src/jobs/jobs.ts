import type { DeniedCalls } from '../domain/audit/denied-calls.ts';
import { type TrimNeeds, trimLog } from '../domain/audit/trim-log.ts';
import { SESSION_IDLE_MS, type SessionStore } from '../domain/sessions/session.ts';
import type { SignInLinkStore } from '../domain/sessions/sign-in-link.ts';
import type { Clock } from '../domain/shared/clock.ts';
import { type IdempotencyStore, OUTCOME_KEPT_MS } from '../domain/shared/idempotent.ts';
import type { DescentStore } from '../domain/tenancy/descent.ts';
import { type RollUpNeeds, rollUpUsage } from '../domain/usage/roll-up-usage.ts';
import type { UsageRecorder } from '../domain/usage/usage-recorder.ts';
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
      once: true,
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

const WRITE_DENIED_MS = 5_000;
const TRIM_MS = 3_600_000;

/** The scheduled jobs of the audit log. `keptDays` null: entries are never removed. */
export function auditJobs(
  { deniedCalls, ...needs }: TrimNeeds & { readonly deniedCalls: DeniedCalls },
  keptDays: number | null,
): Job[] {
  const write = { name: 'write denied calls', everyMs: WRITE_DENIED_MS, run: () => deniedCalls.flush() };
  if (keptDays === null) return [write];
  const trim: Job = {
    name: 'trim the audit log',
    everyMs: TRIM_MS,
    once: true,
    run: () => trimLog(needs, keptDays),
  };
  return [write, trim];
}

/** How often it is looked whether a backup is due, and how soon a failed one is tried again. */
const LOOK_MS = 15 * 60_000;

export interface DueBackups {
  isDue(): boolean;
  make(): Promise<void>;
}

/** Writes the daily backups; none without a folder for them. A start makes the one that is due at once. */
export function backupJobs(backups: DueBackups | null): Job[] {
  if (!backups) return [];
  const run = async () => {
    if (backups.isDue()) await backups.make();
  };
  return [{ name: 'back up', everyMs: LOOK_MS, atStart: true, run }];
}

const NOTE_MS = 1_000;
const CHECKPOINT_MS = 1_000;

export interface StorageJobNeeds {
  purgeShared(): Promise<void>;
  noteAcknowledged(): Promise<void>;
  checkpointIfIdle(): Promise<void>;
}

/** The timed work that keeps the files of the database such that a copy of them is whole, or is noticed not to be. */
export function storageJobs(storage: StorageJobNeeds): Job[] {
  return [
    { name: 'note what was acknowledged', everyMs: NOTE_MS, run: () => storage.noteAcknowledged() },
    { name: 'delete shared changes', everyMs: PURGE_MS, once: true, run: () => storage.purgeShared() },
    { name: 'copy the log into the database', everyMs: CHECKPOINT_MS, run: () => storage.checkpointIfIdle() },
  ];
}

/** How soon an instance uses a pepper that another one has made current. */
const ADOPT_MS = 1_000;
const REHASH_MS = 1_000;
const RESEAL_MS = 10_000;

export interface PepperJobNeeds {
  readonly storage: {
    readonly shared: unknown;
    adoptPepper(): Promise<void>;
    needsReseal(): boolean;
    reseal(signal: AbortSignal): Promise<void>;
  };
  readonly secretRehash: { flush(): Promise<void> };
}

/** The scheduled jobs of a rotation of the pepper. */
export function pepperJobs({ storage, secretRehash }: PepperJobNeeds): Job[] {
  const adopt = { name: 'adopt the pepper', everyMs: ADOPT_MS, run: () => storage.adoptPepper() };
  return [
    ...(storage.shared ? [adopt] : []),
    { name: 'rehash secrets', everyMs: REHASH_MS, run: () => secretRehash.flush() },
    {
      name: 'seal rows again',
      everyMs: RESEAL_MS,
      once: true,
      isNeeded: () => storage.needsReseal(),
      run: (signal) => storage.reseal(signal),
    },
  ];
}

/** How often counts and last uses are written while few keys are in use: a crash loses at most this much. */
const FLUSH_MS = 10_000;
/** The maximum rest between writes while many keys are in use: a write takes seconds and slows verifications. */
const FLUSH_REST_MAX_MS = 30_000;
const TIDY_MS = 3_600_000;

/** The scheduled jobs of usage statistics. */
export function usageJobs({ recorder, ...needs }: RollUpNeeds & { readonly recorder: UsageRecorder }): Job[] {
  return [
    { name: 'write usage', everyMs: FLUSH_MS, restMaxMs: FLUSH_REST_MAX_MS, run: () => recorder.flush() },
    { name: 'tidy usage', everyMs: TIDY_MS, once: true, run: (signal) => rollUpUsage(needs, signal) },
  ];
}
