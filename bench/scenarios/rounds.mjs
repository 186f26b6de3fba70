/** Measures in interleaved rounds, so that other load on the machine affects all trials in the same way. */
import { tell } from '../machine/progress.mjs';

/** @typedef {{ name: string, measure: () => Promise<number> }} Trial */
/** @typedef {Record<string, number[]>} Samples a figure a round, by the name of the trial */

/**
 * @param {string} scenario
 * @param {readonly Trial[]} trials
 * @param {number} rounds
 * @returns {Promise<Samples>}
 */
export async function interleave(scenario, trials, rounds) {
  /** @type {Samples} */
  const samples = Object.fromEntries(trials.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    tell(`${scenario}: round ${round} of ${rounds}`);
    // Every second round runs in reverse order, so that no trial always follows the same one.
    const order = round % 2 === 1 ? trials : [...trials].reverse();
    for (const { name, measure } of order) samples[name]?.push(await measure());
  }
  return samples;
}

/**
 * @param {readonly number[] | undefined} numerators
 * @param {readonly number[] | undefined} denominators
 * @returns {number[]} the ratio of each round
 */
export function ratios(numerators = [], denominators = []) {
  return numerators.map((value, round) => value / (denominators[round] ?? Number.NaN));
}
