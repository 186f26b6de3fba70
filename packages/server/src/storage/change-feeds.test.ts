import { beforeEach, expect, test } from 'vitest';
import type { Invalidation } from '../domain/shared/change-feed.ts';
import { PolledFeed } from './change-feeds.ts';

const LEASE_MS = 1_000;
const KEY: Invalidation = { kind: 'key', keyId: 'key_1' };

let clocks: { monotonic: number; wall: number };
let published: Invalidation[];
/** The snapshots that were asked for, and what the log answers next. */
let asked: (string | null)[];
let answers: (Error | readonly Invalidation[])[];
let log: { since(snapshot: string | null): Promise<never>; onLost: () => void };
let feed: PolledFeed;

beforeEach(() => {
  clocks = { monotonic: 0, wall: 0 };
  published = [];
  asked = [];
  answers = [];
  log = {
    async since(snapshot) {
      asked.push(snapshot);
      const answer = answers.shift() ?? [];
      if (answer instanceof Error) throw answer;
      return { snapshot: `snapshot ${asked.length}`, changes: answer, receipts: [] } as never;
    },
    onLost: () => {},
  };
  feed = new PolledFeed({
    log,
    publish: (changes) => void published.push(...changes),
    clock: { now: () => clocks.wall, monotonic: () => clocks.monotonic },
    leaseMs: LEASE_MS,
  });
});

function pass(ms: number, clock: 'both' | 'monotonic' | 'wall' = 'both'): void {
  if (clock !== 'wall') clocks.monotonic += ms;
  if (clock !== 'monotonic') clocks.wall += ms;
}

test('each poll reads from the snapshot of the one before, and the first clears what was cached', async () => {
  answers = [[], [KEY], []];
  for (let poll = 0; poll < 3; poll++) await feed.poll();
  expect(asked).toEqual([null, 'snapshot 1', 'snapshot 2']);
  expect(published).toEqual([{ kind: 'everything' }, KEY]);
});

test('caches are used while the start of the last poll that succeeded is younger than the lease', async () => {
  expect(feed.isCurrent()).toBe(false);
  await feed.poll();
  pass(LEASE_MS - 1);
  expect(feed.isCurrent()).toBe(true);
  answers = [new Error('no answer')];
  await expect(feed.poll()).rejects.toThrow('no answer');
  pass(1);
  expect(feed.isCurrent()).toBe(false);
});

test('a poll that is slow counts from its start', async () => {
  const { since } = log;
  log.since = async (snapshot) => {
    pass(LEASE_MS);
    return since(snapshot);
  };
  await feed.poll();
  expect(feed.isCurrent()).toBe(false);
});

test.each(['monotonic', 'wall'] as const)(
  'a gap longer than the lease on the %s clock alone ends the use of caches, and the next poll clears them',
  async (clock) => {
    await feed.poll();
    pass(LEASE_MS, clock);
    expect(feed.isCurrent()).toBe(false);
    await feed.poll();
    expect(asked).toEqual([null, null]);
    expect(published).toEqual([{ kind: 'everything' }, { kind: 'everything' }]);
    expect(feed.isCurrent()).toBe(true);
  },
);

test('after a lost connection the next poll clears the caches, also if the connection was lost during a poll', async () => {
  await feed.poll();
  log.onLost();
  await feed.poll();
  expect(asked).toEqual([null, null]);
  const { since } = log;
  log.since = async (snapshot) => {
    log.onLost();
    log.since = since;
    return since(snapshot);
  };
  await expect(feed.poll()).rejects.toThrow('lost during a poll');
  await feed.poll();
  expect(asked).toEqual([null, null, 'snapshot 2', null]);
  expect(published.filter(({ kind }) => kind === 'everything')).toHaveLength(3);
});

test('callers that catch up share one poll, which begins after their calls', async () => {
  await feed.poll();
  let release = () => {};
  const { since } = log;
  log.since = async (snapshot) => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return since(snapshot);
  };
  const underWay = feed.poll();
  const waiting = Array.from({ length: 100 }, () => feed.catchUp());
  log.since = since;
  release();
  answers = [[], [KEY]];
  await Promise.all([underWay, ...waiting]);
  expect(feed.polls).toBe(3);
  expect(published.at(-1)).toEqual(KEY);
  answers = [new Error('no answer')];
  await expect(feed.catchUp()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('a caller that joins others while they rest has a poll that began after its call, not one that another has begun', async () => {
  await feed.poll();
  const { since } = log;
  const first = feed.catchUp();
  await Promise.resolve();
  let release = () => {};
  log.since = async (snapshot) => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return since(snapshot);
  };
  // The timer's poll begins while the first caller rests, and is still pending at the end of that rest.
  const ofTimer = feed.poll();
  log.since = since;
  const joined = feed.catchUp();
  const begunBefore = feed.polls;
  setTimeout(() => release(), 50);
  await Promise.all([ofTimer, first, joined]);
  expect(feed.polls).toBeGreaterThan(begunBefore);
});
