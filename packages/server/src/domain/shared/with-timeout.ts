import { AppError } from './app-error.ts';

/**
 * As the promise, but rejects with UNAVAILABLE when it has not settled within `ms` milliseconds. The work continues unless
 * `onLate` aborts it. A result that arrived in time is returned even if the event loop was blocked until later.
 */
export function withTimeout<T>(promise: Promise<T>, ms: number, onLate = () => {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = () => {
      reject(
        new AppError('UNAVAILABLE', {
          message: 'The storage does not answer in time; try again in a moment',
        }),
      );
      onLate();
    };
    const timer = setTimeout(() => setImmediate(() => setImmediate(fail)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
