import { AppError } from './app-error.ts';

/**
 * As the promise; UNAVAILABLE where it has not settled after so many milliseconds. The work behind it goes on, unless `onLate`
 * ends it. Time in which this process did not get to look at what had come does not count against it.
 */
export function inTime<T>(promise: Promise<T>, ms: number, onLate = () => {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const refuse = () => {
      reject(new AppError('UNAVAILABLE', { message: 'The storage does not answer in time' }));
      onLate();
    };
    const timer = setTimeout(() => setImmediate(() => setImmediate(refuse)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
