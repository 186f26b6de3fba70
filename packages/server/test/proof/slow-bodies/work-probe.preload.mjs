/**
 * Makes the service report the most work in one turn of its event loop, and the longest event loop delay: one line of JSON on
 * standard output for every `SIGUSR2`, measured since the previous one.
 */
import { subscribe } from 'node:diagnostics_channel';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const NONE = { bytes: 0, values: 0, errors: 0, checks: 0 };
const RESOLUTION_MS = 1;

if (isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let most = { ...NONE };
  let turn = { ...NONE };
  let isTurning = false;
  subscribe('latchkey:work', (message) => {
    const work = /** @type {Partial<typeof NONE>} */ (message);
    for (const kind of /** @type {(keyof typeof NONE)[]} */ (Object.keys(NONE))) {
      turn[kind] += work[kind] ?? 0;
      most[kind] = Math.max(most[kind], turn[kind]);
    }
    if (isTurning) return;
    isTurning = true;
    setImmediate(() => {
      isTurning = false;
      turn = { ...NONE };
    });
  });
  process.on('SIGUSR2', () => {
    process.stdout.write(`work ${JSON.stringify({ ...most, delayMs: delay.max / 1e6 })}\n`);
    most = { ...NONE };
    delay.reset();
  });
}
