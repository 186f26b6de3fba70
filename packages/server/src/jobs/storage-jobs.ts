import type { Job } from './schedule.ts';

const NOTE_MS = 1_000;
const CHECKPOINT_MS = 1_000;

export interface StorageJobNeeds {
  noteAcknowledged(): Promise<void>;
  checkpointIfIdle(): Promise<void>;
}

/** The timed work that keeps the files of the database such that a copy of them is whole, or is noticed not to be. */
export function storageJobs(storage: StorageJobNeeds): Job[] {
  return [
    { name: 'note what was acknowledged', everyMs: NOTE_MS, run: () => storage.noteAcknowledged() },
    { name: 'copy the log into the database', everyMs: CHECKPOINT_MS, run: () => storage.checkpointIfIdle() },
  ];
}
