import { type TidyNeeds, tidyUsage } from '../domain/usage/tidy-usage.ts';
import type { UsageRecorder } from '../domain/usage/usage-recorder.ts';
import type { Job } from './schedule.ts';

/** What a crash can lose of the counts, and how late they and last uses are, where few keys are in use. */
const FLUSH_MS = 10_000;
/** The same for many: to write them takes seconds, of which verifications notice. With the writing it is under a minute. */
const FLUSH_REST_MAX_MS = 30_000;
const TIDY_MS = 3_600_000;

/** The timed work of usage statistics. */
export function usageJobs({ recorder, ...needs }: TidyNeeds & { readonly recorder: UsageRecorder }): Job[] {
  return [
    { name: 'write usage', everyMs: FLUSH_MS, restMaxMs: FLUSH_REST_MAX_MS, run: () => recorder.flush() },
    { name: 'tidy usage', everyMs: TIDY_MS, run: (signal) => tidyUsage(needs, signal) },
  ];
}
