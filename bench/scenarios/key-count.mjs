/** Throughput with few keys and with many, drawn by Zipf's law. */
import { saturate } from '../load/saturate.mjs';
import { perSecond } from '../report/rows.mjs';
import { median } from '../report/statistics.mjs';
import { interleave, ratios } from './rounds.mjs';

const FEW = 1_000;

/** @type {import('./all.mjs').Scenario} */
export const keyCount = {
  name: 'number of keys',
  async run({ rounds, seconds, most, counts, draws }, open) {
    const trials = [];
    for (const count of counts) {
      const service = await open.service({ count, draws });
      trials.push({ name: String(count), measure: () => saturate(service, seconds) });
    }
    const samples = await interleave('number of keys', trials, rounds);
    return { rows: rowsOf(samples, most), drawing: drawingOf(samples) };
  },
};

/**
 * @param {import('./rounds.mjs').Samples} samples
 * @param {number} most
 * @returns {import('../report/rows.mjs').Row[]}
 */
function rowsOf(samples, most) {
  const few = samples[FEW];
  return Object.keys(samples)
    .map(Number)
    .filter((count) => count > FEW)
    .map((count) => ({
      scenario: 'number of keys',
      what: `check with ${count.toLocaleString('en')} keys against ${FEW.toLocaleString('en')}`,
      unit: 'ratio',
      samples: ratios(samples[count], few),
      ...(count === most && { target: { floor: 0.85, aim: 0.95, better: 'higher' } }),
      detail: `${perSecond(samples[count])} : ${perSecond(few)}`,
    }));
}

/** @param {import('./rounds.mjs').Samples} samples @returns {import('../report/plot.mjs').Drawing} */
function drawingOf(samples) {
  const points = Object.entries(samples).map(([count, each]) => ({
    x: Number(count),
    y: median(ratios(each, samples[FEW])),
  }));
  return {
    file: 'throughput-by-keys.svg',
    title: 'Checks a second by the number of keys, against 1,000 keys',
    x: { label: 'keys', isLogarithmic: true },
    y: { label: 'times the throughput with 1,000 keys', isLogarithmic: false },
    lines: [{ name: 'Latchkey', points }],
  };
}
