/**
 * A row of the table: the figure of each round, and the targets.
 * @typedef {object} Row
 * @property {string} scenario
 * @property {string} what
 * @property {keyof typeof UNITS} unit
 * @property {readonly number[]} samples one a round
 * @property {Target} [target] left out: there for comparison only
 * @property {string} [detail] the absolute figures behind a ratio
 * @property {string} [failure] why there are no samples
 */
/** @typedef {{ floor: number, aim?: number, better: 'higher' | 'lower' }} Target an aim left out: the floor is all we want */
import { isNarrow, median, medianWithInterval } from './statistics.mjs';

/** How a figure is written. */
const UNITS = {
  ratio: (/** @type {number} */ value) => `${digits(value)}×`,
  perSecond: (/** @type {number} */ value) => `${rounded(value)}/s`,
  seconds: (/** @type {number} */ value) => `${digits(value)} s`,
  milliseconds: (/** @type {number} */ value) => `${digits(value)} ms`,
  bytes: (/** @type {number} */ value) => `${rounded(value)} B`,
};

/** @param {Row} row @param {number} value @returns {string} */
export const inUnit = ({ unit }, value) => UNITS[unit](value);

/** @param {readonly number[]} samples a second @returns {string} their median, for a detail */
export const perSecond = (samples = []) => `${rounded(median(samples))}/s`;

/** The maximum length of a reason in the table. */
const REASON_LENGTH_MAX = 200;

/** @param {string} scenario @param {unknown} error that ended it @returns {Row} */
export function failedRow(scenario, error) {
  const [reason = ''] = (error instanceof Error ? error.message : String(error)).trim().split('\n');
  const failure = `failed: ${reason.slice(0, REASON_LENGTH_MAX)}`;
  return { scenario, what: scenario, unit: 'ratio', samples: [], failure };
}

/** @typedef {'aim' | 'floor' | 'missed' | 'undecided' | 'not measured: too noisy' | 'failed' | '–'} Outcome */

/**
 * Which target the median reaches. The 95 % interval of the median decides: one that contains the floor decides nothing,
 * and one wider than ±10 % is not a measurement.
 * @param {Row} row @returns {Outcome}
 */
export function outcome({ samples, target, failure }) {
  if (failure !== undefined) return 'failed';
  if (!target) return '–';
  if (!isNarrow(samples)) return 'not measured: too noisy';
  const { low, high } = medianWithInterval(samples);
  const isHigherBetter = target.better === 'higher';
  const [best, worst] = isHigherBetter ? [high, low] : [low, high];
  const reaches = (/** @type {number} */ value, /** @type {number} */ bound) =>
    isHigherBetter ? value >= bound : value <= bound;
  if (target.aim !== undefined && reaches(worst, target.aim)) return 'aim';
  if (reaches(worst, target.floor)) return 'floor';
  return reaches(best, target.floor) ? 'undecided' : 'missed';
}

/** @param {number} value */
function digits(value) {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(value < 0.1 ? 3 : 2);
}

/** @param {number} value */
function rounded(value) {
  return Math.round(value).toLocaleString('en');
}
