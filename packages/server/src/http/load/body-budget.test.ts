import { expect, test } from 'vitest';
import { type BodyAccount, BodyBudget } from './body-budget.ts';

const LIMITS = { bytesMax: 100, bytesOfClassMax: 60 };

function budgetWith() {
  const budget = new BodyBudget(LIMITS);
  const evicted: string[] = [];
  const open = (className: string, name: string): BodyAccount =>
    budget.open(className, () => void evicted.push(name));
  return { budget, evicted, open };
}

test('a class has its own limit, and released bytes can be taken again', () => {
  const { budget, evicted, open } = budgetWith();
  const first = open('a', 'a1');
  expect([first.take(40), open('a', 'a2').take(30), open('b', 'b1').take(30)]).toEqual([true, false, true]);
  first.close();
  first.close();
  expect([budget.bytes, open('a', 'a3').take(60), evicted]).toEqual([30, true, []]);
});

test('if the budget is used up, the class with the most bytes loses its newest incomplete body', () => {
  const { budget, evicted, open } = budgetWith();
  expect([open('large', 'l1').take(30), open('large', 'l2').take(30)]).toEqual([true, true]);
  expect(open('other', 'o1').take(35)).toBe(true);
  expect(evicted).toEqual([]);
  expect(open('small', 's1').take(10)).toBe(true);
  expect([evicted, budget.bytes]).toEqual([['l2'], 75]);
});

test('the class with the most bytes takes none from others, and a complete body is not evicted', () => {
  const { evicted, open } = budgetWith();
  const large = open('large', 'l1');
  large.take(55);
  expect(open('other', 'o1').take(40)).toBe(true);
  expect(large.take(5)).toBe(true);
  expect(open('large', 'l2').take(1)).toBe(false);
  large.complete();
  expect(open('third', 't1').take(10)).toBe(true);
  expect(evicted).toEqual(['o1']);
});
