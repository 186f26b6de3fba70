/**
 * What a key takes of the memory of the process once it was asked about: the same number of questions, about many
 * different keys and about a few, so that what all those questions leave behind is in both.
 */
import { startService } from '../contenders/service.mjs';
import { copyOf, dropCopy, prepareDatabase } from '../data/database.mjs';
import { firstTokens } from '../data/tokens.mjs';
import { sendOnce } from '../load/generate.mjs';
import { verifyManyRequest } from '../load/requests.mjs';
import { writeRequests } from '../load/requests-file.mjs';
import { residentBytes } from '../machine/resources.mjs';
import { roomFor } from './open.mjs';
import { interleave } from './rounds.mjs';

const FEW = 100;

/** With fewer keys, what else changes in a process hides what they take. */
const MEANINGFUL = 100_000;
const BATCH = 100;

/** Few: asking about a million keys takes its time, and memory varies little. */
const ROUNDS = 2;

/** More at a time would wait for each other longer than the service lets a connection wait. */
const AT_A_TIME = 4;

/** @type {import('./all.mjs').Scenario} */
export const memory = {
  name: 'memory',
  async run({ most, asked }) {
    const rows = [];
    for (const kind of /** @type {const} */ (['unlimited', 'limited'])) {
      // The first question about a key with a day limit is synced to the disk: a tenth of them has to do.
      const count = kind === 'unlimited' ? asked : asked / 10;
      const prepared = await prepareDatabase(most, kind);
      const trials = [
        { name: 'few', measure: () => residentAfter(prepared, count, FEW) },
        { name: 'many', measure: () => residentAfter(prepared, count) },
      ];
      const { few, many } = await interleave(`memory, ${kind} keys`, trials, ROUNDS);
      rows.push(rowOf(kind, count, few, many));
    }
    return { rows };
  },
};

/**
 * @param {import('../data/database.mjs').Prepared} prepared
 * @param {number} questions
 * @param {number} [different] so many keys they are about
 * @returns {Promise<number>} bytes that are resident then
 */
async function residentAfter(prepared, questions, different = questions) {
  const folder = copyOf(prepared);
  const service = await startService(folder, { env: roomFor(prepared.count) });
  await sendOnce(service.url, batches(prepared, questions, different), AT_A_TIME);
  const bytes = residentBytes(service.pid) ?? Number.NaN;
  await service.stop();
  dropCopy(folder);
  return bytes;
}

/**
 * @param {import('../data/database.mjs').Prepared} prepared
 * @param {number} questions
 * @param {number} different
 */
function batches(prepared, questions, different) {
  const tokens = firstTokens(prepared, different);
  const requests = Array.from({ length: questions / BATCH }, (_, batch) => {
    const start = (batch * BATCH) % different;
    const checks = tokens.slice(start, start + BATCH).map((key) => ({ key, cost: 0 }));
    return verifyManyRequest(prepared.ownerKey, checks);
  });
  return writeRequests(requests);
}

/**
 * @param {import('../data/database.mjs').Kind} kind
 * @param {number} count
 * @param {readonly number[]} [few]
 * @param {readonly number[]} [many]
 * @returns {import('../report/rows.mjs').Row}
 */
function rowOf(kind, count, few = [], many = []) {
  const limits = kind === 'limited' ? 'both limits' : 'no limits';
  return {
    scenario: 'memory',
    what: `resident memory for each of ${count.toLocaleString('en')} keys, ${limits}`,
    unit: 'bytes',
    samples: many.map((bytes, round) => (bytes - (few[round] ?? Number.NaN)) / (count - FEW)),
    ...(kind === 'unlimited' && count >= MEANINGFUL && { target: { floor: 128, aim: 72, better: 'lower' } }),
  };
}
