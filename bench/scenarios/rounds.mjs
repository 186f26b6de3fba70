/** Measures in interleaved rounds, so that other load on the machine affects all trials in the same way. */
import { tell } from '../machine/progress.mjs';
import { isNarrow } from '../report/statistics.mjs';

/** @typedef {{ name: string, measure: () => Promise<number> }} Trial */
/** @typedef {Record<string, number[]>} Samples a figure a round, by the name of the trial */
/** @typedef {{ least: number, most: number }} Rounds */

/** Two figures in succession that differ by less than this share end the warm-up. */
const STEADY = 0.05;
const WARM_UPS_MAX = 6;

/**
 * @param {string} scenario
 * @param {readonly Trial[]} trials
 * @param {number} rounds
 * @returns {Promise<Samples>}
 */
export async function interleave(scenario, trials, rounds) {
  const samples = noSamples(trials);
  for (let round = 1; round <= rounds; round += 1) {
    tell(`${scenario}: round ${round} of ${rounds}`);
    await measureRound(trials, round, samples);
  }
  return samples;
}

/**
 * Warms up every trial, and measures until the ratio of every trial to the first one is known to ±10 %, or until the most
 * rounds are over; the rows then say that the machine was too noisy.
 * @param {string} scenario
 * @param {readonly Trial[]} trials
 * @param {Rounds} rounds
 * @returns {Promise<Samples>}
 */
export async function interleaveUntilNarrow(scenario, trials, { least, most }) {
  for (const trial of trials) {
    tell(`${scenario}: warm-up of ${trial.name}`);
    await warmUpUntilSteady(trial);
  }
  const samples = noSamples(trials);
  for (let round = 1; round <= most; round += 1) {
    tell(`${scenario}: round ${round} of ${least} to ${most}`);
    await measureRound(trials, round, samples);
    if (round >= least && areNarrow(trials, samples)) break;
  }
  return samples;
}

/** @param {Trial} trial */
async function warmUpUntilSteady({ measure }) {
  let before = await measure();
  for (let more = 1; more < WARM_UPS_MAX; more += 1) {
    const now = await measure();
    if (Math.abs(now / before - 1) < STEADY) return;
    before = now;
  }
}

/** @param {readonly Trial[]} trials @param {Samples} samples */
function areNarrow([first, ...others], samples) {
  return others.every(({ name }) => isNarrow(ratios(samples[name], samples[first?.name ?? ''])));
}

/** @param {readonly Trial[]} trials @returns {Samples} */
function noSamples(trials) {
  return Object.fromEntries(trials.map(({ name }) => [name, []]));
}

/** @param {readonly Trial[]} trials @param {number} round @param {Samples} samples */
async function measureRound(trials, round, samples) {
  // Every second round runs in reverse order, so that no trial always follows the same one.
  const order = round % 2 === 1 ? trials : [...trials].reverse();
  for (const { name, measure } of order) samples[name]?.push(await measure());
}

/**
 * @param {readonly number[] | undefined} numerators
 * @param {readonly number[] | undefined} denominators
 * @returns {number[]} the ratio of each round
 */
export function ratios(numerators = [], denominators = []) {
  return numerators.map((value, round) => value / (denominators[round] ?? Number.NaN));
}
