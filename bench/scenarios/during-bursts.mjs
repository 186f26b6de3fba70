/** How long valid keys wait while an admin lists all keys, and while many keys are created at once. */

import { writeCreations } from '../load/creations.mjs';
import { generate } from '../load/generate.mjs';
import { listRequest } from '../load/requests.mjs';
import { writeRequests } from '../load/requests-file.mjs';
import { askUntilAnswered } from '../load/warm-up.mjs';
import { perSecond } from '../report/rows.mjs';
import { median } from '../report/statistics.mjs';
import { interleave, ratios } from './rounds.mjs';
import { warmUpMs } from './warm-up.mjs';

const VALID_PER_SECOND = 1_000;
const CONCURRENT_LISTINGS = 8;
const CONCURRENT_CREATIONS = 100;

/** What a dashboard asks for: pages back and forth, filters, orders. */
const QUERIES = [
  'limit=50',
  'limit=50&offset=50',
  'limit=50&offset=500',
  'limit=50&status=active',
  'limit=50&status=disabled',
  'limit=50&permission=calls%3Aread',
  'limit=50&search=key%2077',
  'limit=50&sortBy=name&sortOrder=asc',
  'limit=50&sortBy=lastUsedAt&sortOrder=desc',
];

/** @type {import('./all.mjs').Scenario} */
export const duringBursts = {
  name: 'during bursts',
  async run({ rounds, seconds, most, draws }, open) {
    // The created keys are not deleted: a few thousand more make no difference in a database of this size.
    const { url, requestsFile, prepared } = await open.service({ count: most, draws });
    const valid = { requestsFile, connections: 32, rate: VALID_PER_SECOND };
    const listings = QUERIES.map((query) => listRequest(prepared.ownerKey, query));
    // What is slow at first is the disk.
    await askUntilAnswered(url, listings, 1);
    const bursts = {
      listing: { requestsFile: writeRequests(listings), connections: CONCURRENT_LISTINGS, rate: null },
      creating: {
        requestsFile: await writeCreations(url, [prepared]),
        connections: CONCURRENT_CREATIONS,
        rate: null,
      },
    };
    /** @type {Record<keyof typeof bursts, number[]>} */
    const answered = { listing: [], creating: [] };
    const times = { warmUpMs: warmUpMs(seconds), durationMs: seconds * 1_000 };
    const measureCalm = async () => p99Of(await generate(url, [valid], times));
    const measureDuring = async (/** @type {keyof typeof bursts} */ kind) => {
      const results = await generate(url, [valid, bursts[kind]], times);
      answered[kind].push(results[1]?.perSecond ?? Number.NaN);
      return p99Of(results);
    };
    const trials = [
      { name: 'calm', measure: measureCalm },
      { name: 'listing', measure: () => measureDuring('listing') },
      { name: 'creating', measure: () => measureDuring('creating') },
    ];
    const { calm = [], listing = [], creating = [] } = await interleave('during bursts', trials, rounds);
    const listed = `an admin lists keys, ${CONCURRENT_LISTINGS} concurrently`;
    const made = `keys are made, ${CONCURRENT_CREATIONS} concurrently`;
    return {
      rows: [
        rowOf(listed, calm, listing, `${perSecond(answered.listing)} listings`),
        rowOf(made, calm, creating, `${perSecond(answered.creating)} made`),
      ],
    };
  },
};

/** @param {readonly import('../load/generator.program.mjs').StreamResult[]} results the good keys first */
function p99Of([valid]) {
  return valid?.latencyMs.p99 ?? Number.NaN;
}

/**
 * @param {string} burst
 * @param {readonly number[]} calm
 * @param {readonly number[]} busy
 * @param {string} answered
 * @returns {import('../report/rows.mjs').Row}
 */
function rowOf(burst, calm, busy, answered) {
  const ms = (/** @type {readonly number[]} */ latencies) => `${median(latencies).toFixed(2)} ms`;
  return {
    scenario: 'during bursts',
    what: `p99 of good keys while ${burst}, against calm`,
    unit: 'ratio',
    samples: ratios(busy, calm),
    target: { floor: 2, better: 'lower' },
    detail: `${ms(busy)} : ${ms(calm)}; ${answered}`,
  };
}
