import { expect, test } from 'vitest';
import { planKeys } from './plan-keys.ts';
import { Random } from './random.ts';

test('the same seed plans the same keys, and another seed others', () => {
  expect(planKeys(new Random(1))).toEqual(planKeys(new Random(1)));
  expect(planKeys(new Random(2))).not.toEqual(planKeys(new Random(1)));
});

test('each key has its own name, and is made after its owner has joined', () => {
  for (const seed of [1, 2, 3]) {
    const plans = planKeys(new Random(seed));
    expect(new Set(plans.map(({ name }) => name)).size).toBe(plans.length);
    for (const { createdDaysAgo, endedDaysAgo } of plans) {
      expect(createdDaysAgo).toBeGreaterThan(0);
      expect(endedDaysAgo).toBeLessThan(createdDaysAgo);
    }
  }
});
