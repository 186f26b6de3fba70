import type { DeniedCalls } from '../domain/audit/denied-calls.ts';
import { type TrimNeeds, trimLog } from '../domain/audit/trim-log.ts';
import type { Job } from './schedule.ts';

const FLUSH_MS = 5_000;
const TRIM_MS = 3_600_000;

/** The scheduled jobs of the audit log. `keptDays` null: entries are never removed. */
export function auditJobs(
  { deniedCalls, ...needs }: TrimNeeds & { readonly deniedCalls: DeniedCalls },
  keptDays: number | null,
): Job[] {
  const write = { name: 'write denied calls', everyMs: FLUSH_MS, run: () => deniedCalls.flush() };
  if (keptDays === null) return [write];
  const trim = { name: 'trim the audit log', everyMs: TRIM_MS, run: () => trimLog(needs, keptDays) };
  return [write, trim];
}
