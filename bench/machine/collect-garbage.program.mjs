/**
 * Loaded into a server whose memory is measured (`--expose-gc --import`): at SIGUSR2 it collects garbage, which is a
 * matter of time and not of keys, and prints a line once it has.
 */
import { isMainThread } from 'node:worker_threads';

// A thread of its own gets no signals.
if (isMainThread)
  process.on('SIGUSR2', () => {
    // The second time takes what the first has only found.
    globalThis.gc?.();
    globalThis.gc?.();
    console.log('collected');
  });
