/** What a server keeps in memory once it has written what waits to be written and let go of what it does not need. */
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { readsBeside, residentBytes } from './resources.mjs';

const PROGRAM = path.join(import.meta.dirname, 'collect-garbage.program.mjs');

/** With these a server can be asked to collect its garbage. */
export const COLLECTING = ['--expose-gc', '--import', pathToFileURL(PROGRAM).href];

const COLLECTIONS_MAX = 60;

/** Pages go back to the system a while after they were emptied. */
const PAUSE_MS = 500;

/** Less than this is no fall. */
const FALL_BYTES = 2 ** 19;

/**
 * @param {Pick<import('../contenders/service.mjs').Service, 'pid' | 'signal'>} server started with `COLLECTING`
 * @param {number} quietSeconds after which it has begun to write what waits
 * @returns {Promise<number>} bytes that are resident then; not a number where there is no telling
 */
export async function settledBytes({ pid, signal }, quietSeconds) {
  await pause(quietSeconds * 1_000);
  let seen = { bytes: Number.POSITIVE_INFINITY, reads: readsBeside(pid) };
  for (let collection = 0; collection < COLLECTIONS_MAX; collection += 1) {
    await signal('SIGUSR2');
    await pause(PAUSE_MS);
    const before = seen;
    seen = { bytes: residentBytes(pid) ?? Number.NaN, reads: readsBeside(pid) };
    const isAtWork = seen.reads > before.reads || before.bytes - seen.bytes > FALL_BYTES;
    if (!isAtWork) break;
  }
  return seen.bytes;
}
