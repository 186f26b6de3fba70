import type { Job } from './schedule.ts';

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
