/** Throughput of `check` over HTTP, on one core, compared with other servers. */
import { saturate } from '../load/saturate.mjs';
import { perSecond } from '../report/rows.mjs';
import { interleave, ratios } from './rounds.mjs';

/** The servers that Latchkey is compared with, by the name of the trial, and the ratio we want to reach. */
const OTHERS = {
  'bare node:http': { floor: 0.7, aim: 0.85 },
  'Fastify, fixed answer': undefined,
  'nginx with a map of the keys': { floor: 0.38, aim: 0.5 },
  'better-auth, in memory': { floor: 15, aim: 25 },
  'better-auth, SQLite': { floor: 150, aim: 300 },
};

/** @type {import('./all.mjs').Scenario} */
export const againstOthers = {
  name: 'against others',
  async run({ rounds, seconds, draws }, open) {
    const targets = await open.contenders(draws);
    const trials = Object.entries(targets).map(([name, target]) => ({
      name,
      measure: () => saturate(target, seconds),
    }));
    const samples = await interleave('against others', trials, rounds);
    return { rows: rowsOf(samples) };
  },
};

/** @param {import('./rounds.mjs').Samples} samples @returns {import('../report/rows.mjs').Row[]} */
function rowsOf(samples) {
  const { Latchkey: ours = [], ...others } = samples;
  return Object.entries(others).map(([name, theirs]) => {
    const bounds = OTHERS[/** @type {keyof typeof OTHERS} */ (name)];
    return {
      scenario: 'against others',
      what: `check against ${name}`,
      unit: 'ratio',
      samples: ratios(ours, theirs),
      ...(bounds && { target: { ...bounds, better: 'higher' } }),
      detail: `${perSecond(ours)} : ${perSecond(theirs)}`,
    };
  });
}
