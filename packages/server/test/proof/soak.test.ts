import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setInterval as ticks } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { initDataDir, startService } from '../harness/service-process.ts';
import { proofSize } from './sizes.ts';
import { cannotReadSizes, type ProcessSize, sizeOf } from './soak/process-size.ts';
import { SteadyLoad } from './soak/steady-load.ts';
import { median, slope } from './soak/trend.ts';

const SECONDS = proofSize('SOAK_SECONDS');
/** Readings, one a second, whose median is a sample: memory goes up and down between garbage collections. */
const READINGS = 5;
/** Warm-up: caches fill, functions are compiled, and the heap grows to its usual size. */
const WARM_UP_SHARE = 1 / 3;
const JUDGED_MIN = 3;
const MEBIBYTE = 2 ** 20;
/**
 * A service without leaks grew by 5 to 8 MiB from the tenth second to the thirtieth, while its heap and its compiled code
 * were still growing; the rest is a margin for a machine on which garbage is collected later. The bound does not depend on
 * the length of the run, so a longer run detects smaller leaks: a run of 180 seconds 1 KiB a request, the default run 6 KiB.
 */
const GROWTH_MAX = 24 * MEBIBYTE;
/** What the rows of a key and of its audit entries take in the pages that the database keeps in memory. */
const BYTES_OF_KEY = 4_096;
/**
 * The young generation of the heap has its last size within the warm-up: 16 MiB a half is all that it may have in Node 20.
 * Node 24 may double it once more, and does so after a hundred seconds of this use, by 24 MiB at once.
 */
const BOUNDED_HEAP = { NODE_OPTIONS: '--max-semi-space-size=16' };
/** Connections of the faults that are just being closed. */
const MORE_FILES_MAX = 2;

const reason = cannotReadSizes();

test(`memory and open files of a service under steady use for ${SECONDS} s stay constant, and every answer is as expected`, {
  timeout: 120_000 + SECONDS * 1_500,
}, async (context) => {
  context.skip(reason !== null, reason ?? '');
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-soak-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const owner = await initDataDir(dataDir);
  const service = await startService({ dataDir, env: BOUNDED_HEAP });
  onTestFinished(() => service.kill());
  const load = new SteadyLoad(service.url, owner);
  onTestFinished(() => load.close());

  const end = new AbortController();
  const sampling = samplesOf(service.pid, end.signal);
  await load.run(SECONDS * 1_000).finally(() => end.abort());
  const samples = await sampling;
  const judged = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
  const growth = growthOf(judged);
  const keysMade = (load.turns.change * judged.length) / samples.length;
  process.stdout.write(`soak proof: ${JSON.stringify(load.turns)} turns; ${describe(samples, growth)}\n`);
  expect(judged.length, 'SOAK_SECONDS is too short to judge').toBeGreaterThanOrEqual(JUDGED_MIN);
  expect.soft([...load.unexpected], 'answers').toEqual([]);
  expect.soft(growth, 'growth in bytes').toBeLessThan(GROWTH_MAX + keysMade * BYTES_OF_KEY);
  const [first, last] = [judged[0]?.files ?? 0, judged.at(-1)?.files ?? Number.NaN];
  expect.soft(last, 'open files').toBeLessThanOrEqual(first + MORE_FILES_MAX);
});

/** Bytes of resident memory from the first sample to the last, along the line that fits them best. */
function growthOf(samples: readonly ProcessSize[]): number {
  return slope(samples.map(({ resident }, x) => ({ x, y: resident }))) * (samples.length - 1);
}

function describe(samples: readonly ProcessSize[], growth: number): string {
  const memory = samples.map(({ resident }) => (resident / MEBIBYTE).toFixed(1)).join(' ');
  const files = samples.map((sample) => sample.files).join(' ');
  return `MiB: ${memory}, growing by ${(growth / MEBIBYTE).toFixed(1)} after the warm-up; open files: ${files}`;
}

/** One sample every five seconds. */
async function samplesOf(pid: number, signal: AbortSignal): Promise<ProcessSize[]> {
  const readings: ProcessSize[] = [];
  try {
    for await (const _ of ticks(1_000, null, { signal })) readings.push(sizeOf(pid));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return Array.from({ length: Math.floor(readings.length / READINGS) }, (_, index) => {
    const some = readings.slice(index * READINGS, (index + 1) * READINGS);
    return { resident: median(some.map((r) => r.resident)), files: median(some.map((r) => r.files)) };
  });
}
