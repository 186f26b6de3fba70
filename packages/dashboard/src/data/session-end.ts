import { LatchkeyError } from '@latchkey/sdk';

let hasEnded = false;
const listeners = new Set<() => void>();

function set(value: boolean): void {
  if (hasEnded === value) return;
  hasEnded = value;
  for (const listener of listeners) listener();
}

/** Whether a call was denied because the session has ended. The store of `useSyncExternalStore`. */
export const sessionEnd = {
  get: () => hasEnded,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  /** Called with the error of every call. */
  noteError(error: unknown): void {
    if (error instanceof LatchkeyError && error.status === 401) set(true);
  },
  /** Called after the person has signed in again. */
  reset: () => set(false),
};
