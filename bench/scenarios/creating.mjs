/** Keys created a second, each synced to the disk before its response, compared with bare SQLite inserts of the same rows. */
import path from 'node:path';
import { copyOf, dropCopy, prepareDatabase } from '../data/database.mjs';
import { writeCreations } from '../load/creations.mjs';
import { saturate } from '../load/saturate.mjs';
import { runProgram } from '../machine/processes.mjs';
import { perSecond } from '../report/rows.mjs';
import { interleaveUntilNarrow, ratios } from './rounds.mjs';

const KEYS = 1_000;
const BARE_INSERTS = path.join(import.meta.dirname, 'bare-inserts.program.mjs');

/** @type {import('./all.mjs').Scenario} */
export const creating = {
  name: 'creating',
  async run({ ratioRounds, seconds, draws }, open) {
    const { url, prepared } = await open.service({ count: KEYS, draws });
    const requestsFile = await writeCreations(url, [prepared]);
    const trials = [
      { name: 'service', measure: () => saturate({ url, requestsFile }, seconds) },
      { name: 'bare', measure: () => measureBare(seconds) },
    ];
    const { service, bare } = await interleaveUntilNarrow('creating', trials, ratioRounds);
    return { rows: [rowOf(service, bare)] };
  },
};

/** @param {number} seconds @returns {Promise<number>} durable transactions a second, one after the other */
async function measureBare(seconds) {
  const folder = copyOf(await prepareDatabase(KEYS));
  try {
    const args = [BARE_INSERTS, path.join(folder, 'latchkey.db'), String(seconds)];
    const options = ['--disable-warning=ExperimentalWarning', ...args];
    return Number(await runProgram({ command: process.execPath, args: options, role: 'server' }));
  } finally {
    dropCopy(folder);
  }
}

/**
 * @param {number[] | undefined} service
 * @param {number[] | undefined} bare
 * @returns {import('../report/rows.mjs').Row}
 */
function rowOf(service, bare) {
  return {
    scenario: 'creating',
    what: 'POST /api-keys, durable, 64 concurrent, against bare SQLite inserts one by one',
    unit: 'ratio',
    samples: ratios(service, bare),
    target: { floor: 0.5, aim: 0.8, better: 'higher' },
    detail: `${perSecond(service)} : ${perSecond(bare)}`,
  };
}
