import { expect, test } from 'vitest';
import { Random, seedFrom } from '../../test/harness/random.ts';
import { HashIndex } from './hash-index.ts';

const STEPS = Number(process.env.SLOT_INDEX_STEPS ?? 10_000);
const SEED = seedFrom('SLOT_INDEX_SEED');
const STRIDE = 3;
const KEY_AT = 1;
const KEY_WORDS = 2;

/** Each record has one word outside the key, then a key of two words, of which the first is the hash word. */
function makeIndex(capacity: number) {
  const words = new Uint32Array(capacity * STRIDE);
  const index = new HashIndex({ words, stride: STRIDE, keyAt: KEY_AT, keyWords: KEY_WORDS, hashWord: 0 });
  const write = (slot: number, key: readonly number[]) => words.set([slot, ...key], slot * STRIDE);
  return { index, write };
}

test.each([
  { capacity: 1, hashes: 1 },
  { capacity: 7, hashes: 1 },
  { capacity: 64, hashes: 3 },
  { capacity: 64, hashes: 2 ** 32 },
])(
  'random additions and removals of up to $capacity records with $hashes hashes: exactly the keys of present records are found',
  ({ capacity, hashes }) => {
    const random = new Random(SEED);
    const { index, write } = makeIndex(capacity);
    /** The key of every slot in use, as text. */
    const oracle = new Map<number, string>();
    const anyKey = () => [random.below(hashes), random.below(capacity)];
    const expectFound = (key: readonly number[], step: number) => {
      const slot = index.find(new Uint32Array(key));
      const where = `SLOT_INDEX_SEED=${SEED}, step ${step}`;
      const isThere = [...oracle.values()].includes(key.join());
      expect(slot !== -1, where).toBe(isThere);
      if (isThere) expect(oracle.get(slot), where).toBe(key.join());
    };
    for (let step = 0; step < STEPS; step++) {
      const slot = random.below(capacity);
      const key = anyKey();
      if (oracle.has(slot)) {
        index.remove(slot);
        oracle.delete(slot);
      } else {
        write(slot, key);
        index.add(slot);
        oracle.set(slot, key.join());
      }
      expectFound(key, step);
      expectFound(anyKey(), step);
    }
  },
);

test('of two records with the same key one is found, and after its removal the other', () => {
  const { index, write } = makeIndex(4);
  for (const slot of [0, 1, 2]) write(slot, slot === 1 ? [5, 6] : [5, 7]);
  for (const slot of [0, 1, 2]) index.add(slot);
  const key = new Uint32Array([5, 7]);
  const first = index.find(key);
  index.remove(first);
  expect([first, index.find(key)].sort()).toEqual([0, 2]);
  index.remove(index.find(key));
  expect(index.find(key)).toBe(-1);
  expect(index.find(new Uint32Array([5, 6]))).toBe(1);
});
