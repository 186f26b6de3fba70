/** How much memory of the process a key uses once it has been checked. */
import path from 'node:path';
import { copyOf, dropCopy, prepareDatabase } from '../data/database.mjs';
import { runProgram } from '../machine/processes.mjs';
import { tell } from '../machine/progress.mjs';

const PROGRAM = path.join(import.meta.dirname, 'memory.program.mjs');

/** With fewer keys, what else changes in a process hides what they take; a million take minutes. */
const MEANINGFUL = 100_000;

/**
 * Measured once, and concurrently: checking a million keys takes minutes, and their memory neither varies nor depends on
 * other processes.
 * @type {import('./all.mjs').Scenario}
 */
export const memory = {
  name: 'memory',
  async run({ most }) {
    const keys = await prepareDatabase(most, 'unlimited');
    const limited = await prepareDatabase(Math.min(most, MEANINGFUL), 'limited');
    tell('memory');
    const [key, distinct, counted] = await Promise.all([
      bytesForEach(keys),
      bytesForEach(limited, 'distinct'),
      bytesForEach(limited, 'counted'),
    ]);
    return {
      rows: [
        {
          scenario: 'memory',
          what: `${memoryFor(keys)}, no limits`,
          unit: 'bytes',
          samples: [key],
          ...(most >= MEANINGFUL && { target: { floor: 128, aim: 72, better: 'lower' } }),
        },
        {
          scenario: 'memory',
          what: `${memoryFor(limited)}, each with permissions that no other has`,
          unit: 'bytes',
          samples: [distinct],
        },
        {
          scenario: 'memory',
          what: `${memoryFor(limited)}, both limits counted`,
          unit: 'bytes',
          samples: [counted],
        },
      ],
    };
  },
};

/** @param {{ count: number }} prepared */
function memoryFor({ count }) {
  return `memory for each of ${count.toLocaleString('en')} keys`;
}

/**
 * @param {import('../data/database.mjs').Prepared} prepared
 * @param {'counted' | 'distinct'} [mode]
 * @returns {Promise<number>}
 */
async function bytesForEach(prepared, mode) {
  const folder = copyOf(prepared);
  const options = ['--expose-gc', '--disable-warning=ExperimentalWarning'];
  const values = [folder, prepared.tokensFile, String(prepared.count), ...(mode ? [mode] : [])];
  const args = [...options, PROGRAM, ...values];
  const output = await runProgram({ command: process.execPath, args, role: 'any' });
  dropCopy(folder);
  return JSON.parse(output).bytes;
}
