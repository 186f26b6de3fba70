import { channel } from 'node:diagnostics_channel';

/** Work that was done without yielding to the event loop. A missing field counts as 0. */
interface WorkDone {
  /** Bytes of parsed bodies. */
  readonly bytes?: number;
  /** Values in the parsed bodies. */
  readonly values?: number;
  /** Error objects of validation. */
  readonly errors?: number;
  /** Verified keys of a `verify-many` call. */
  readonly checks?: number;
}

const workDone = channel('latchkey:work');

/** Publishes work whose size clients control on a diagnostics channel, to measure the work per turn of the event loop. */
export function reportWork(work: WorkDone): void {
  if (workDone.hasSubscribers) workDone.publish(work);
}
