import { channel } from 'node:diagnostics_channel';

/** Work that was done without a pause between its parts. What is not named was not done. */
interface WorkDone {
  /** Of bodies that were parsed. */
  readonly bytes?: number;
  /** Of the same bodies. */
  readonly values?: number;
  /** Objects that were built for what is wrong with a body. */
  readonly errors?: number;
  /** Keys that were verified for a `verify-many`. */
  readonly checks?: number;
}

const workDone = channel('latchkey:work');

/** Reports work whose size is up to callers to diagnostic tools, which see how much is done in a turn of the event loop. */
export function reportWork(work: WorkDone): void {
  if (workDone.hasSubscribers) workDone.publish(work);
}
