/** How long valid keys wait during a flood of requests with unknown keys. */
import { unknownTokens } from '../data/tokens.mjs';
import { generate } from '../load/generate.mjs';
import { checkRequest } from '../load/requests.mjs';
import { writeRequests } from '../load/requests-file.mjs';
import { atRest } from '../machine/processes.mjs';
import { readsBeside } from '../machine/resources.mjs';
import { perSecond } from '../report/rows.mjs';
import { median } from '../report/statistics.mjs';
import { interleave, ratios } from './rounds.mjs';
import { warmUpMs } from './warm-up.mjs';

const VALID_PER_SECOND = 1_000;
const FLOOD_PER_SECOND = 20_000;
const UNKNOWN = 100_000;

/** @type {import('./all.mjs').Scenario} */
export const duringFlood = {
  name: 'during a flood',
  async run({ rounds, seconds, most, draws }, open) {
    const { url, requestsFile, pid } = await open.service({ count: most, draws });
    const valid = { requestsFile, connections: 32, rate: VALID_PER_SECOND };
    const unknown = writeRequests(unknownTokens(UNKNOWN).map(checkRequest));
    const flood = { requestsFile: unknown, connections: 64, rate: FLOOD_PER_SECOND, allowErrors: true };
    const times = { warmUpMs: warmUpMs(seconds), durationMs: seconds * 1_000 };
    /** @type {number[]} */
    const denied = [];
    /** @type {number[]} */
    const read = [];
    const measureFlooded = async () => {
      await atRest(url);
      const before = readsBeside(pid);
      const startedAt = performance.now();
      const [answered, flooded] = await generate(url, [valid, flood], times);
      read.push((readsBeside(pid) - before) / ((performance.now() - startedAt) / 1_000));
      denied.push(flooded?.perSecond ?? 0);
      return answered?.latencyMs.p99 ?? Number.NaN;
    };
    const measureCalm = async () => {
      const [answered] = await generate(url, [valid], times);
      return answered?.latencyMs.p99 ?? Number.NaN;
    };
    const trials = [
      { name: 'calm', measure: measureCalm },
      { name: 'flooded', measure: measureFlooded },
    ];
    const { calm, flooded } = await interleave('during a flood', trials, rounds);
    return { rows: [rowOf(calm, flooded, { denied, read })] };
  },
};

/**
 * @param {number[] | undefined} calm
 * @param {number[] | undefined} flooded
 * @param {{ denied: readonly number[], read: readonly number[] }} besides rates per second
 * @returns {import('../report/rows.mjs').Row}
 */
function rowOf(calm = [], flooded = [], { denied, read }) {
  const ms = (/** @type {number[]} */ latencies) => `${median(latencies).toFixed(2)} ms`;
  return {
    scenario: 'during a flood',
    what: `p99 of good keys while ${FLOOD_PER_SECOND.toLocaleString('en')} unknown ones a second come, against calm`,
    unit: 'ratio',
    samples: ratios(flooded, calm),
    target: { floor: 2, aim: 1.3, better: 'lower' },
    detail: `${ms(flooded)} : ${ms(calm)}; ${perSecond(denied)} denied, ${perSecond(read)} reads by the threads of the store`,
  };
}
