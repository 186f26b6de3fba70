/** Throughput of an API whose route verifies keys with our middleware, against the same API without, on one core. */
import { saturate } from '../load/saturate.mjs';
import { perSecond } from '../report/rows.mjs';
import { interleave, ratios } from './rounds.mjs';

const KEYS = 1_000;
const FRAMEWORKS = /** @type {const} */ (['express', 'fastify', 'hono']);
const PROTECTIONS = /** @type {const} */ (['none', 'batched', 'single']);

/** @type {import('./all.mjs').Scenario} */
export const middlewares = {
  name: 'middlewares',
  rows: FRAMEWORKS.map((framework) => `middleware:${framework}`),
  async run({ rounds, seconds, draws, wants }, open) {
    const service = await open.service({ count: KEYS, draws, kind: 'limited' });
    const { requestsFile } = service;
    const rows = [];
    for (const framework of FRAMEWORKS.filter((name) => wants(`middleware:${name}`))) {
      const trials = [];
      for (const protection of PROTECTIONS) {
        const { url } = await open.protectedApi(service, framework, protection);
        trials.push({ name: protection, measure: () => saturate({ url, requestsFile }, seconds) });
      }
      rows.push(...rowsOf(framework, await interleave(`middleware of ${framework}`, trials, rounds)));
    }
    return { rows };
  },
};

/**
 * @param {string} framework @param {import('./rounds.mjs').Samples} samples
 * @returns {import('../report/rows.mjs').Row[]}
 */
function rowsOf(framework, { none, batched, single }) {
  const base = { scenario: 'middlewares', unit: /** @type {const} */ ('ratio') };
  return [
    {
      ...base,
      what: `${framework} with our middleware against without`,
      samples: ratios(batched, none),
      detail: `${perSecond(batched)} : ${perSecond(none)}`,
    },
    {
      ...base,
      what: `${framework} with our middleware against a call for each key`,
      samples: ratios(batched, single),
      detail: `${perSecond(batched)} : ${perSecond(single)}`,
    },
  ];
}
