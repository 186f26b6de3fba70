/** What grows with the number of keys: throughput, latency, memory and the time to start; keys drawn by Zipf's law. */
import { generate } from '../load/generate.mjs';
import { saturate } from '../load/saturate.mjs';
import { residentBytes } from '../machine/resources.mjs';
import { perSecond } from '../report/rows.mjs';
import { median } from '../report/statistics.mjs';
import { interleave, ratios } from './rounds.mjs';
import { warmUpMs } from './warm-up.mjs';

const FEW = 1_000;

/** A load far below the maximum of every service, so that the latency contains no queueing. */
const MODERATE_PER_SECOND = 2_000;
const CONNECTIONS = 32;

/**
 * What is seen with one number of keys.
 * @typedef {object} Seen
 * @property {number} count
 * @property {number[]} perSecond
 * @property {number[]} p99 milliseconds
 * @property {number} readySeconds
 * @property {number} resident bytes, with the drawn keys in memory
 */

/** @type {import('./all.mjs').Scenario} */
export const keyCount = {
  name: 'number of keys',
  async run({ rounds, fewRounds, seconds, longSeconds, most, counts, draws }, open) {
    const services = [];
    for (const count of counts) services.push({ count, ...(await open.service({ count, draws })) });
    const throughput = await interleave(
      'number of keys: throughput',
      services.map((service) => ({ name: String(service.count), measure: () => saturate(service, seconds) })),
      rounds,
    );
    const long = await interleave(
      'number of keys: at length',
      services
        .filter(({ count }) => count === FEW || count === most)
        .map((service) => ({ name: String(service.count), measure: () => saturate(service, longSeconds) })),
      rounds,
    );
    const p99 = await interleave(
      'number of keys: latency',
      services.map((service) => ({
        name: String(service.count),
        measure: () => latencyOf(service, seconds),
      })),
      fewRounds,
    );
    const seen = services.map(({ count, readySeconds, pid }) => ({
      count,
      perSecond: throughput[count] ?? [],
      p99: p99[count] ?? [],
      readySeconds,
      resident: residentBytes(pid) ?? Number.NaN,
    }));
    const atLength = { many: long[most] ?? [], few: long[FEW] ?? [], count: most, seconds: longSeconds };
    return { rows: [...rowsOf(seen), longRow(atLength)], drawing: drawingOf(seen) };
  },
};

/** @param {import('./open.mjs').WarmService} service @param {number} seconds @returns {Promise<number>} p99 in milliseconds */
async function latencyOf({ url, requestsFile }, seconds) {
  const stream = { requestsFile, connections: CONNECTIONS, rate: MODERATE_PER_SECOND };
  const times = { warmUpMs: warmUpMs(seconds), durationMs: seconds * 1_000 };
  const [result] = await generate(url, [stream], times);
  return result?.latencyMs.p99 ?? Number.NaN;
}

/** @param {readonly Seen[]} seen @returns {import('../report/rows.mjs').Row[]} */
function rowsOf(seen) {
  const few = fewest(seen);
  return seen.flatMap((one) => [...(one === few ? [] : [throughputRow(one, few)]), growthRow(one)]);
}

/** @param {readonly Seen[]} seen @returns {Seen} */
function fewest(seen) {
  const [few] = seen;
  if (few?.count !== FEW) throw new Error(`The first number of keys is not ${FEW}`);
  return few;
}

/** @param {Seen} one @param {Seen} few @returns {import('../report/rows.mjs').Row} */
function throughputRow({ count, perSecond: many }, { perSecond: few }) {
  return {
    scenario: 'number of keys',
    what: `check with ${count.toLocaleString('en')} keys against ${FEW.toLocaleString('en')}`,
    unit: 'ratio',
    samples: ratios(many, few),
    detail: `${perSecond(many)} : ${perSecond(few)}`,
  };
}

/**
 * The measurement is long enough to include the background writes of usage, which grow with the number of keys in use.
 * @param {{ many: number[], few: number[], count: number, seconds: number }} seen
 * @returns {import('../report/rows.mjs').Row}
 */
function longRow({ many, few, count, seconds }) {
  return {
    scenario: 'number of keys',
    what: `check for ${seconds} s on end with ${count.toLocaleString('en')} keys against ${FEW.toLocaleString('en')}`,
    unit: 'ratio',
    samples: ratios(many, few),
    target: { floor: 0.85, aim: 0.95, better: 'higher' },
    detail: `${perSecond(many)} : ${perSecond(few)}`,
  };
}

/** @param {Seen} one @returns {import('../report/rows.mjs').Row} */
function growthRow({ count, p99, readySeconds, resident }) {
  return {
    scenario: 'number of keys',
    what: `p99 at ${MODERATE_PER_SECOND.toLocaleString('en')} checks a second with ${count.toLocaleString('en')} keys`,
    unit: 'milliseconds',
    samples: p99,
    detail: `listens after ${readySeconds.toFixed(2)} s; ${Math.round(resident / 2 ** 20)} MiB resident`,
  };
}

/** @param {readonly Seen[]} seen @returns {import('../report/plot.mjs').Drawing} */
function drawingOf(seen) {
  const few = fewest(seen);
  const line = (/** @type {string} */ name, /** @type {(one: Seen) => number} */ figure) => ({
    name,
    points: seen.map((one) => ({ x: one.count, y: figure(one) / figure(few) })),
  });
  return {
    file: 'growth-by-keys.svg',
    title: 'What grows with the number of keys',
    x: { label: 'keys', isLogarithmic: true },
    y: { label: 'times the figure with 1,000 keys', isLogarithmic: true },
    lines: [
      line('checks a second', ({ perSecond }) => median(perSecond)),
      line('p99 latency', ({ p99 }) => median(p99)),
      line('resident memory', ({ resident }) => resident),
      line('time to listen', ({ readySeconds }) => readySeconds),
    ],
  };
}
