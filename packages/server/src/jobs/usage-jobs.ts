import { type TidyNeeds, tidyUsage } from '../domain/usage/roll-up-usage.ts';
import type { UsageRecorder } from '../domain/usage/usage-recorder.ts';
import type { Job } from './schedule.ts';

/** How often counts and last uses are written while few keys are in use: a crash loses at most this much. */
const FLUSH_MS = 10_000;
/** The maximum rest between writes while many keys are in use: a write takes seconds and slows verifications. */
const FLUSH_REST_MAX_MS = 30_000;
const TIDY_MS = 3_600_000;

/** The scheduled jobs of usage statistics. */
export function usageJobs({ recorder, ...needs }: TidyNeeds & { readonly recorder: UsageRecorder }): Job[] {
  return [
    { name: 'write usage', everyMs: FLUSH_MS, restMaxMs: FLUSH_REST_MAX_MS, run: () => recorder.flush() },
    { name: 'tidy usage', everyMs: TIDY_MS, run: (signal) => tidyUsage(needs, signal) },
  ];
}
