/** Throughput of `check` over HTTP, on one core, compared with other servers. */
import { saturate } from '../load/saturate.mjs';
import { perSecond } from '../report/rows.mjs';
import { interleaveUntilNarrow, ratios } from './rounds.mjs';

/** The rows, the server of each, and the ratio that we want to reach. */
const OTHERS = {
  'check:bare': { server: 'bare node:http', floor: 0.7, aim: 0.85 },
  'check:fastify': { server: 'Fastify, fixed answer' },
  'check:nginx': { server: 'nginx with a map of the keys', floor: 0.38, aim: 0.5 },
  'check:better-auth-memory': { server: 'better-auth, in memory', floor: 15, aim: 25 },
  'check:better-auth-sqlite': { server: 'better-auth, SQLite', floor: 150, aim: 300 },
};

/** @type {import('./all.mjs').Scenario} */
export const againstOthers = {
  name: 'against others',
  rows: Object.keys(OTHERS),
  async run({ ratioRounds, seconds, draws, wants }, open) {
    const targets = await open.contenders(draws);
    const rows = Object.entries(OTHERS)
      .filter(([row, { server }]) => wants(row) && server in targets)
      .map(([, other]) => other);
    const servers = ['Latchkey', ...rows.map(({ server }) => server)];
    const trials = servers.flatMap((name) => {
      const target = targets[name];
      return target ? [{ name, measure: () => saturate(target, seconds) }] : [];
    });
    const samples = await interleaveUntilNarrow('against others', trials, ratioRounds);
    return { rows: rows.map((other) => rowOf(other, samples)) };
  },
};

/**
 * @param {{ server: string, floor?: number, aim?: number }} other
 * @param {import('./rounds.mjs').Samples} samples
 * @returns {import('../report/rows.mjs').Row}
 */
function rowOf({ server, floor, aim }, { Latchkey: ours = [], [server]: theirs = [] }) {
  return {
    scenario: 'against others',
    what: `check against ${server}`,
    unit: 'ratio',
    samples: ratios(ours, theirs),
    ...(floor !== undefined && { target: { floor, ...(aim !== undefined && { aim }), better: 'higher' } }),
    detail: `${perSecond(ours)} : ${perSecond(theirs)}`,
  };
}
