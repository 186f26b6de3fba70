import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asking, type Issued, openVerification, type Verification } from '../../test/harness/verification.ts';
import { generateKeyText } from '../domain/shared/tokens.ts';
import { KeyExistenceFilter } from './key-existence-filter.ts';

/** More than one page of digests. */
const KEYS = 1_100;
const { signal } = new AbortController();

let world: Verification;

beforeEach(async () => {
  world = await openVerification();
});
afterEach(() => world.close());

function issueMany(count: number): Promise<Issued[]> {
  return Promise.all(Array.from({ length: count }, () => world.issue()));
}

function digestOf({ text }: Pick<Issued, 'text'>): string {
  return world.keyring.digest(text);
}

const aStranger = () => generateKeyText('lk', 'live');

describe('KnownDigests', () => {
  test('before all digests are read, every digest may be stored', () => {
    expect(world.known.mayHave(digestOf({ text: aStranger() }))).toBe(true);
  });

  test('after reading, every stored secret may be stored, retired ones too, and an unknown key needs no look-up', async () => {
    const issued = await issueMany(KEYS);
    const rotated = issued[0] ?? expect.unreachable();
    await world.rotate(rotated.key, world.clock.now());
    await world.known.read(signal);
    expect(issued.filter((key) => !world.known.mayHave(digestOf(key)))).toEqual([]);
    const before = world.lookup.lookups;
    for (let count = 0; count < 1_000; count++) {
      expect((await world.verifier.verify(asking(aStranger()))).code).toBe('KEY_INVALID');
    }
    // A full filter has one false positive in two thousand; this one is nearly empty.
    expect(world.lookup.lookups - before).toBeLessThanOrEqual(1);
  });

  test('a secret that is created during or after the read may be stored', async () => {
    await issueMany(KEYS);
    const { keyring, storage } = world;
    const made: Issued[] = [];
    const lookup = {
      countDigests: () => storage.keys.countDigests(),
      // Keys are created after each page is read; some of their digests sort before the last one read, and some after.
      async digests(after: string, limit: number) {
        const page = await storage.keys.digests(after, limit);
        made.push(...(await issueMany(20)));
        return page;
      },
    };
    const known = new KeyExistenceFilter(lookup, storage.feed);
    await known.read(signal);
    made.push(...(await issueMany(20)));
    expect(made.length).toBeGreaterThanOrEqual(60);
    expect(made.filter(({ text }) => !known.mayHave(keyring.digest(text)))).toEqual([]);
    expect(known.mayHave(keyring.digest(aStranger()))).toBe(false);
  });

  test('an aborted read changes nothing, and the next read starts from the beginning', async () => {
    const issued = await issueMany(KEYS);
    const stranger = digestOf({ text: aStranger() });
    const controller = new AbortController();
    const reading = world.known.read(controller.signal);
    controller.abort();
    await reading;
    expect(world.known.mayHave(stranger)).toBe(true);
    await world.known.read(signal);
    expect(world.known.mayHave(stranger)).toBe(false);
    expect(issued.filter((key) => !world.known.mayHave(digestOf(key)))).toEqual([]);
  });

  test('of two concurrent reads only one reads, and a secret that is created meanwhile may be stored', async () => {
    const { storage, keyring } = world;
    const made: Issued[] = [];
    let readings = 0;
    const lookup = {
      countDigests: () => storage.keys.countDigests(),
      async digests(after: string, limit: number) {
        const page = await storage.keys.digests(after, limit);
        readings++;
        made.push(...(await issueMany(20)));
        return page;
      },
    };
    const known = new KeyExistenceFilter(lookup, storage.feed);
    await Promise.all([known.read(signal), known.read(signal)]);
    await known.read(signal);
    expect(made.filter(({ text }) => !known.mayHave(keyring.digest(text)))).toEqual([]);
    expect(readings).toBe(1);
  });
});
