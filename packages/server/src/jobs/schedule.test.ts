import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { schedule } from './schedule.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a job runs on its interval until it is stopped', async () => {
  let runs = 0;
  const stop = schedule([{ name: 'count', everyMs: 1_000, run: async () => void runs++ }], () => {});
  await vi.advanceTimersByTimeAsync(3_500);
  await stop();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(runs).toBe(3);
});

test('a job that is not needed does not run until it is', async () => {
  let isNeeded = false;
  let runs = 0;
  const job = { name: 'count', everyMs: 1_000, isNeeded: () => isNeeded, run: async () => void runs++ };
  const stop = schedule([job], () => {});
  await vi.advanceTimersByTimeAsync(3_500);
  expect(runs).toBe(0);
  isNeeded = true;
  await vi.advanceTimersByTimeAsync(2_000);
  await stop();
  expect(runs).toBe(2);
});

test('a job that takes longer than its interval never runs twice at once, and stopping waits for it', async () => {
  let running = 0;
  let most = 0;
  const run = async (): Promise<void> => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    running--;
  };
  const stop = schedule([{ name: 'slow', everyMs: 1_000, run }], () => {});
  await vi.advanceTimersByTimeAsync(6_200);
  const stopped = stop();
  await vi.advanceTimersByTimeAsync(3_000);
  await stopped;
  expect([most, running]).toEqual([1, 0]);
});

test('a job that may rest runs at most an eleventh of the time, until its rest reaches the maximum', async () => {
  const starts: number[] = [];
  let took = 10;
  const begunAt = performance.now();
  const run = async (): Promise<void> => {
    starts.push(performance.now() - begunAt);
    await new Promise((resolve) => setTimeout(resolve, took));
  };
  const stop = schedule([{ name: 'rests', everyMs: 1_000, restMaxMs: 5_000, run }], () => {});
  await vi.advanceTimersByTimeAsync(1_500);
  took = 150;
  await vi.advanceTimersByTimeAsync(1_000);
  took = 2_500;
  await vi.advanceTimersByTimeAsync(14_000);
  await stop();
  expect(starts).toEqual([1_000, 2_000, 4_000, 12_000]);
});

test('a job that fails is reported and runs again at its next time', async () => {
  const reports: unknown[] = [];
  const fail = async (): Promise<void> => {
    throw new Error('no');
  };
  const stop = schedule([{ name: 'broken', everyMs: 1_000, run: fail }], (job, error) =>
    reports.push([job, (error as Error).message]),
  );
  await vi.advanceTimersByTimeAsync(2_000);
  await stop();
  expect(reports).toEqual([
    ['broken', 'no'],
    ['broken', 'no'],
  ]);
});
