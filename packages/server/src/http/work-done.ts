import { channel } from 'node:diagnostics_channel';

/** Work that was done without a pause between its parts. What is not named was not done. */
export interface WorkDone {
  /** Of bodies that were parsed. */
  readonly bytes?: number;
  /** Of the same bodies. */
  readonly values?: number;
  /** Objects that were built for what is wrong with a body. */
  readonly errors?: number;
  /** Keys that were verified for a `verify-many`. */
  readonly checks?: number;
}

/** Tells diagnostic tools of work whose size is up to callers, so that they can see how much is done in a turn. */
export const workDone = channel('latchkey:work');
