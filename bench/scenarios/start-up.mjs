/** The time from starting the process to its first accepted key, and the cost of a key's first check. */
import { startService } from '../contenders/service.mjs';
import { copyOf, dropCopy, prepareDatabase } from '../data/database.mjs';
import { firstTokens } from '../data/tokens.mjs';
import { sendOnce } from '../load/generate.mjs';
import { checkRequest } from '../load/requests.mjs';
import { writeRequests } from '../load/requests-file.mjs';
import { perSecond } from '../report/rows.mjs';
import { roomFor } from './open.mjs';
import { interleave, ratios } from './rounds.mjs';

/** The first use of a key with a day limit is synced to the disk: this number of draws takes long enough to be measured. */
const DRAWS_PER_FIRST_USE = 16;

/** @type {import('./all.mjs').Scenario} */
export const startUp = {
  name: 'start-up',
  async run({ rounds, most, draws }) {
    const prepared = await prepareDatabase(most);
    const folder = copyOf(prepared);
    const tokens = firstTokens(prepared, draws / DRAWS_PER_FIRST_USE);
    const requestsFile = writeRequests(tokens.map(checkRequest));
    /** @type {number[]} */
    const cold = [];
    /** @type {number[]} */
    const warm = [];
    const measure = async () => {
      const startedAt = performance.now();
      const service = await startService(folder, { env: roomFor(most) });
      await requireAccepted(service.url, tokens[0]);
      const ready = (performance.now() - startedAt) / 1_000;
      cold.push(await sendOnce(service.url, requestsFile));
      warm.push(await sendOnce(service.url, requestsFile));
      await service.stop();
      return ready;
    };
    const { ready = [] } = await interleave('start-up', [{ name: 'ready', measure }], rounds);
    dropCopy(folder);
    return { rows: rowsOf(most, ready, cold, warm) };
  },
};

/** @param {string} url @param {string | undefined} token */
async function requireAccepted(url, token) {
  const { status } = await fetch(`${url}/api/v2/api-keys/check`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (status !== 200) throw new Error(`The service listens but answers with status ${status}`);
}

/**
 * @param {number} count
 * @param {readonly number[]} ready
 * @param {readonly number[]} cold
 * @param {readonly number[]} warm
 * @returns {import('../report/rows.mjs').Row[]}
 */
function rowsOf(count, ready, cold, warm) {
  return [
    {
      scenario: 'start-up',
      what: `start to the first accepted key with ${count.toLocaleString('en')} keys`,
      unit: 'seconds',
      samples: ready,
      target: { floor: 2, aim: 0.5, better: 'lower' },
    },
    {
      scenario: 'start-up',
      what: 'first check of a key after a start, against the second one',
      unit: 'ratio',
      samples: ratios(cold, warm),
      detail: `${perSecond(cold)} : ${perSecond(warm)}`,
    },
  ];
}
