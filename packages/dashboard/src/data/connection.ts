/** What the calls of the page have found out about the service: whether it can be reached, and whether the session goes on. */
import { LatchkeyConnectionError, LatchkeyError } from '@latchkey/sdk';

/** A value with listeners: a store of `useSyncExternalStore`. */
function observable<Value>(first: Value) {
  let value = first;
  const listeners = new Set<() => void>();
  return {
    get: (): Value => value,
    set(next: Value): void {
      if (next === value) return;
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const isLost = observable(false);
let answeredAt = Date.now();

function note(lost: boolean): void {
  if (!lost) answeredAt = Date.now();
  isLost.set(lost);
}

/** Whether the last call could not reach the service. */
export const connection = {
  get: isLost.get,
  subscribe: isLost.subscribe,
  /** When the service last answered. */
  answeredAt: (): number => answeredAt,
  /** Called with the error of every call. Any other error is an answer. */
  noteError: (error: unknown): void => note(error instanceof LatchkeyConnectionError),
  noteAnswer: (): void => note(false),
};

const hasEnded = observable(false);

/** Whether a call was denied because the session has ended. */
export const sessionEnd = {
  get: hasEnded.get,
  subscribe: hasEnded.subscribe,
  /** Called with the error of every call. */
  noteError(error: unknown): void {
    if (error instanceof LatchkeyError && error.status === 401) hasEnded.set(true);
  },
  /** Called after the person has signed in again. */
  reset: (): void => hasEnded.set(false),
};
