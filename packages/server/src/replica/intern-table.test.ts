import { describe, expect, test } from 'vitest';
import { InternTable } from './intern-table.ts';

describe('Interned', () => {
  test('a value is stored once, and until its last use is released', () => {
    const interned = new InternTable<string>();
    const number = interned.take('a', 'A');
    expect(interned.take('a', 'A')).toBe(number);
    expect([...interned.values()]).toEqual(['A']);
    interned.release(number);
    expect(interned.get(number)).toBe('A');
    interned.release(number);
    expect(interned.find('a')).toBeUndefined();
    expect([...interned.values()]).toEqual([]);
    expect(() => interned.get(number)).toThrow();
  });

  test('taking a value under a used name replaces the old value for all holders of its number', () => {
    const interned = new InternTable<string>();
    const number = interned.take('a', 'old');
    interned.take('a', 'new');
    expect(interned.get(number)).toBe('new');
    expect(interned.find('a')).toBe('new');
  });

  test('different names never share a number; a released number is used again before a new one is made', () => {
    const interned = new InternTable<string>();
    const numbers = ['a', 'b', 'c'].map((name) => interned.take(name, name));
    expect(new Set(numbers).size).toBe(3);
    interned.release(numbers[1] ?? -1);
    expect(interned.take('d', 'd')).toBe(numbers[1]);
    expect(numbers.map((number) => interned.get(number))).toEqual(['a', 'd', 'c']);
    for (let round = 0; round < 1_000; round++) interned.release(interned.take(`round ${round}`, ''));
    expect(Math.max(interned.take('e', 'e'), interned.take('f', 'f'))).toBe(4);
  });
});
