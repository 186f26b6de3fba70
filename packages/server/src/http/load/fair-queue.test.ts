import { expect, test } from 'vitest';
import { FairQueue } from './fair-queue.ts';

const everyClass = () => true;

function taken(queue: FairQueue<string>, mayHave: (className: string) => boolean = everyClass): string[] {
  const items: string[] = [];
  for (let next = queue.take(mayHave); next; next = queue.take(mayHave)) items.push(next.item);
  return items;
}

test('items are taken round-robin by class, even if one class has many more', () => {
  const queue = new FairQueue<string>(10);
  for (const item of ['a1', 'a2', 'a3', 'a4']) queue.add('a', item, 0);
  queue.add('b', 'b1', 0);
  queue.add('c', 'c1', 0);
  expect(taken(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'a3', 'a4']);
  expect(queue.size).toBe(0);
});

test('a class that may not run now is skipped and keeps its order', () => {
  const queue = new FairQueue<string>(10);
  for (const item of ['a1', 'a2']) queue.add('a', item, 0);
  queue.add('b', 'b1', 0);
  expect(taken(queue, (className) => className !== 'a')).toEqual(['b1']);
  expect(taken(queue)).toEqual(['a1', 'a2']);
});

test('if the queue is full, the class with the most items loses its newest, and other classes lose none', () => {
  const queue = new FairQueue<string>(3);
  for (const item of ['a1', 'a2', 'a3']) expect(queue.add('a', item, 0)).toBeNull();
  expect(queue.add('a', 'a4', 0)).toBe('a4');
  expect(queue.add('b', 'b1', 0)).toBe('a3');
  expect(queue.size).toBe(3);
  expect(taken(queue)).toEqual(['a1', 'b1', 'a2']);
});

test('items that waited too long are taken from every class, and newer items stay', () => {
  const queue = new FairQueue<string>(10);
  queue.add('a', 'a1', 100);
  queue.add('b', 'b1', 200);
  queue.add('a', 'a2', 300);
  expect(queue.takeOlder(200)).toEqual(['a1', 'b1']);
  expect(queue.size).toBe(1);
  expect(taken(queue)).toEqual(['a2']);
});
