import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { BloomFilter } from './bloom-filter.ts';

const DIGESTS = 20_000;

function digests(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    createHash('sha256').update(`${name} ${index}`).digest('base64url'),
  );
}

describe('DigestFilter', () => {
  test.each([1, 5])('has no false negative, with %i times as many digests as its capacity', (times) => {
    const filter = new BloomFilter(DIGESTS / 10);
    const added = digests('added', (DIGESTS / 10) * times);
    for (const digest of added) filter.add(digest);
    expect(added.filter((digest) => !filter.mayHave(digest))).toEqual([]);
  });

  test('has a false positive rate below 1 % when full, and none when empty', () => {
    const filter = new BloomFilter(DIGESTS);
    const others = digests('others', 100_000);
    expect(others.filter((digest) => filter.mayHave(digest))).toEqual([]);
    for (const digest of digests('added', DIGESTS)) filter.add(digest);
    const through = others.filter((digest) => filter.mayHave(digest)).length;
    expect(through).toBeLessThan(others.length / 100);
  });

  test('is full when as many digests were added as its capacity', () => {
    const filter = new BloomFilter(3);
    const [first = '', second = '', third = ''] = digests('added', 3);
    filter.add(first);
    filter.add(second);
    expect(filter.isFull).toBe(false);
    filter.add(third);
    expect(filter.isFull).toBe(true);
  });
});
