import { setImmediate as afterEvents } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ConcurrencyLimiter, type ConcurrencyLimits } from './concurrency-limiter.ts';

const LIMITS: ConcurrencyLimits = { runningMax: 4, runningOfClassMax: 3, waitingMax: 5, waitMsMax: 60_000 };

function admissionWith(limits: Partial<ConcurrencyLimits> = {}) {
  const ends = new Map<string, () => void>();
  const denied: string[] = [];
  const admission = new ConcurrencyLimiter<string>(
    { ...LIMITS, ...limits },
    {
      start: (item, end) => void ends.set(item, end),
      deny: (item) => void denied.push(item),
    },
  );
  return { admission, denied, begun: () => [...ends.keys()], end: (item: string) => ends.get(item)?.() };
}

async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await afterEvents();
}

test('a single item starts at once, and of many items a few start per turn of the event loop', async () => {
  const { admission, begun } = admissionWith({ runningMax: 9, runningOfClassMax: 9, waitingMax: 9 });
  admission.ask('a', 'a1');
  expect(begun()).toEqual(['a1']);
  for (let number = 2; number <= 9; number++) admission.ask('a', `a${number}`);
  expect(begun()).toHaveLength(4);
  await turns(2);
  expect(begun().length).toBeGreaterThan(4);
  await turns();
  expect(begun()).toHaveLength(9);
});

test('a class that floods while no item ends leaves a place for other classes', async () => {
  const { admission, begun } = admissionWith();
  for (let number = 1; number <= 8; number++) admission.ask('flood', `f${number}`);
  await turns();
  expect(begun()).toEqual(['f1', 'f2', 'f3']);
  admission.ask('other', 'o1');
  await turns();
  expect(begun()).toEqual(['f1', 'f2', 'f3', 'o1']);
});

test('each item that ends lets exactly one more start, round-robin among classes', async () => {
  const { admission, begun, end } = admissionWith();
  for (let number = 1; number <= 5; number++) admission.ask('flood', `f${number}`);
  for (const item of ['o1', 'o2', 'o3']) admission.ask('other', item);
  await turns();
  expect(begun()).toEqual(['f1', 'f2', 'f3', 'o1']);
  end('f1');
  end('f1');
  await turns();
  expect(begun().slice(4)).toEqual(['f4']);
  end('f2');
  await turns();
  expect(begun().slice(4)).toEqual(['f4', 'o2']);
});

test('an item is denied if the queue is full: the newest of the class with the most items', async () => {
  const { admission, denied, begun } = admissionWith({ runningMax: 1 });
  admission.ask('flood', 'f0');
  for (let number = 1; number <= 6; number++) admission.ask('flood', `f${number}`);
  expect(denied).toEqual(['f6']);
  admission.ask('other', 'o1');
  expect(denied).toEqual(['f6', 'f5']);
  await turns();
  expect(begun()).toEqual(['f0']);
});

test('an item that waited too long is denied and never starts', async () => {
  const { admission, denied, begun, end } = admissionWith({ runningMax: 1, waitMsMax: 0 });
  admission.ask('a', 'a1');
  admission.ask('a', 'a2');
  await expect.poll(() => denied).toEqual(['a2']);
  end('a1');
  await turns();
  expect(begun()).toEqual(['a1']);
});
