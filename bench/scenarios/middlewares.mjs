/**
 * An API whose route verifies keys with our middleware, against the same API without, and against better-auth with its plugin
 * for keys behind a bare server, on one core: throughput, and the latency that the middleware adds at half of the load.
 */
import { saturate } from '../load/saturate.mjs';
import { perSecond } from '../report/rows.mjs';
import { median } from '../report/statistics.mjs';
import { offer } from './offer.mjs';
import { interleave, ratios } from './rounds.mjs';

const KEYS = 1_000;
const FRAMEWORKS = /** @type {const} */ (['express', 'fastify', 'hono']);
/** The API as it is, with our middleware, and with our middleware that verifies each key with a call of its own. */
const PROTECTIONS = /** @type {const} */ (['none', 'batched', 'single']);
/** The load at which latency is measured, as a share of what the slowest of the three can do. */
const MODERATE = 0.5;

/** @type {import('./all.mjs').Scenario} */
export const middlewares = {
  name: 'middlewares',
  rows: FRAMEWORKS.map((framework) => `middleware:${framework}`),
  async run({ rounds, seconds, latencySeconds, draws, wants }, open) {
    const service = await open.service({ count: KEYS, draws, kind: 'limited' });
    const { requestsFile } = service;
    const wanted = FRAMEWORKS.filter((name) => wants(`middleware:${name}`));
    if (wanted.length === 0) return { rows: [] };
    const others = [
      { name: 'memory', target: await open.betterAuth('memory') },
      { name: 'database', target: await open.betterAuth('database') },
    ];
    const rows = [];
    for (const framework of wanted) {
      const apis = [];
      for (const name of PROTECTIONS) {
        const { url } = await open.protectedApi(service, framework, name);
        apis.push({ name, target: { url, requestsFile } });
      }
      const name = `middleware of ${framework}`;
      const trials = [...apis, ...others].map((trial) => ({
        name: trial.name,
        measure: () => saturate(trial.target, seconds),
      }));
      const throughput = await interleave(name, trials, rounds);
      const rate = MODERATE * Math.min(...PROTECTIONS.map((each) => median(throughput[each] ?? [])));
      const delays = apis.map((trial) => ({
        name: trial.name,
        measure: async () => (await offer(trial.target, rate, latencySeconds)).latencyMs.p99,
      }));
      const p99 = await interleave(`latency of ${name}`, delays, rounds);
      rows.push(...throughputRows(framework, throughput), ...latencyRows(framework, rate, p99));
    }
    return { rows };
  },
};

/**
 * @param {string} framework @param {import('./rounds.mjs').Samples} samples
 * @returns {import('../report/rows.mjs').Row[]}
 */
function throughputRows(framework, { none, batched, single, memory, database }) {
  /** @param {string} other @param {number[] | undefined} samples @returns {import('../report/rows.mjs').Row} */
  const against = (other, samples) => ({
    scenario: 'middlewares',
    what: `${framework} with our middleware against ${other}`,
    unit: 'ratio',
    samples: ratios(batched, samples),
    detail: `${perSecond(batched)} : ${perSecond(samples)}`,
  });
  return [
    against('without', none),
    against('a call for each key', single),
    against('better-auth, in memory, behind a bare server', memory),
    against('better-auth, SQLite, behind a bare server', database),
  ];
}

/**
 * @param {string} framework @param {number} rate @param {import('./rounds.mjs').Samples} p99 in milliseconds
 * @returns {import('../report/rows.mjs').Row[]}
 */
function latencyRows(framework, rate, { none = [], batched = [], single = [] }) {
  /** @param {string} how @param {number[]} samples @returns {import('../report/rows.mjs').Row} */
  const added = (how, samples) => ({
    scenario: 'middlewares',
    what: `p99 that our middleware adds to ${framework} at half load, ${how}`,
    unit: 'milliseconds',
    samples: samples.map((value, round) => value - (none[round] ?? Number.NaN)),
    detail: `at ${Math.round(rate).toLocaleString('en')}/s; ${median(samples).toFixed(2)} − ${median(none).toFixed(2)} ms`,
  });
  return [added('batched', batched), added('with a call for each key', single)];
}
