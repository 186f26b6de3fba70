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
import { median } from './statistics.mjs';

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

/** @param {Row} row @returns {'aim' | 'floor' | 'missed' | 'failed' | '–'} how far the median came */
export function outcome({ samples, target, failure }) {
  if (failure !== undefined) return 'failed';
  if (!target) return '–';
  const { floor, aim, better } = target;
  const value = median(samples);
  const reaches = (/** @type {number} */ bound) => (better === 'higher' ? value >= bound : value <= bound);
  if (aim !== undefined && reaches(aim)) return 'aim';
  return reaches(floor) ? 'floor' : 'missed';
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
