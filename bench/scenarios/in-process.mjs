/** The cost of a decision without HTTP, and of its parts, on one core. */
import path from 'node:path';
import { copyOf, dropCopy, prepareDatabase } from '../data/database.mjs';
import { runProgram } from '../machine/processes.mjs';
import { interleave } from './rounds.mjs';

const PROGRAM = path.join(import.meta.dirname, 'in-process.program.mjs');

/** @type {import('./all.mjs').Scenario} */
export const inProcess = {
  name: 'in process',
  async run({ rounds, seconds, most, draws }) {
    const prepared = await prepareDatabase(most);
    const folder = copyOf(prepared);
    /** @type {import('./rounds.mjs').Samples} */
    const pieces = {};
    const measure = async () => {
      const args = [
        PROGRAM,
        folder,
        prepared.tokensFile,
        String(most),
        String(draws),
        String(seconds * 1_000),
      ];
      const options = ['--disable-warning=ExperimentalWarning', ...args];
      const output = await runProgram({ command: process.execPath, args: options, role: 'server' });
      const figures = Object.entries(/** @type {Record<string, number>} */ (JSON.parse(output)));
      for (const [name, figure] of figures) {
        pieces[name] ??= [];
        pieces[name].push(figure);
      }
      return 0;
    };
    await interleave('in process', [{ name: 'pieces', measure }], rounds);
    dropCopy(folder);
    return { rows: Object.entries(pieces).map(([name, samples]) => rowOf(name, samples)) };
  },
};

/** @param {string} name @param {readonly number[]} samples @returns {import('../report/rows.mjs').Row} */
function rowOf(name, samples) {
  return {
    scenario: 'in process',
    what: `in process: ${name}`,
    unit: 'perSecond',
    samples,
    ...(name === 'whole decision' && { target: { floor: 300_000, aim: 600_000, better: 'higher' } }),
  };
}
