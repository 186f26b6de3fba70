import { expect, test } from 'vitest';
import { interleaveUntilNarrow } from '../scenarios/rounds.mjs';
import { outcome } from './rows.mjs';

/** @param {readonly number[]} samples @param {import('./rows.mjs').Target} target */
const outcomeOf = (samples, target) => outcome({ scenario: '', what: '', unit: 'ratio', samples, target });

test.each([
  [[0.81, 0.82, 0.83], 'aim'],
  [[0.78, 0.79, 0.83], 'floor'],
  [[0.69, 0.71, 0.73], 'undecided'],
  [[0.65, 0.66, 0.69], 'missed'],
  [[0.5, 0.9, 1.3], 'not measured: too noisy'],
])('%j against a floor of 0.7 and an aim of 0.8: %s', (samples, expected) => {
  expect(outcomeOf(samples, { floor: 0.7, aim: 0.8, better: 'higher' })).toBe(expected);
});

test('a figure that should be low is missed by an interval above its floor, and undecided by one that contains it', () => {
  const target = /** @type {const} */ ({ floor: 0.7, aim: 0.64, better: 'lower' });
  expect(outcomeOf([0.71, 0.72, 0.73], target)).toBe('missed');
  expect(outcomeOf([0.69, 0.7, 0.71], target)).toBe('undecided');
  expect(outcomeOf([0.61, 0.62, 0.63], target)).toBe('aim');
});

/** @param {readonly number[]} figures the last one repeats */
function trialOf(figures) {
  let calls = 0;
  const measure = async () => figures[Math.min(calls++, figures.length - 1)] ?? Number.NaN;
  return { measure, calls: () => calls };
}

test('rounds begin once two figures in succession are the same, and end once the ratio is known to ±10 %', async () => {
  const ours = trialOf([10, 50, 90, 91, 100, 50, 100, 100, 100, 100, 100, 100]);
  const theirs = trialOf([100]);
  const trials = [
    { name: 'theirs', measure: theirs.measure },
    { name: 'ours', measure: ours.measure },
  ];
  const samples = await interleaveUntilNarrow('test', trials, { least: 2, most: 20 });
  expect(samples.ours?.slice(0, 3)).toEqual([100, 50, 100]);
  // With six figures the interval reaches from the least to the most; with more, it leaves out the exception.
  expect(samples.ours?.length).toBeGreaterThan(6);
  expect(samples.ours?.length).toBeLessThan(20);
});

test('a ratio that stays unknown ends at the most rounds', async () => {
  let flip = 1;
  const trials = [
    { name: 'theirs', measure: async () => 1 },
    { name: 'ours', measure: async () => (flip = 3 - flip) },
  ];
  const samples = await interleaveUntilNarrow('test', trials, { least: 2, most: 8 });
  expect(samples.ours).toHaveLength(8);
});
