import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { seedFrom } from '../harness/random.ts';
import { Lane } from './crash/lane.ts';
import { Report } from './crash/report.ts';
import { proofSize } from './sizes.ts';

const CYCLES = proofSize('CRASH_CYCLES');
/** Determines the random choices of a run, but not the exact moments at which the server is killed. */
const SEED = seedFrom('CRASH_SEED');
/** Data directories in parallel: a start takes one processor, and leaves the others to the load. */
const LANES = Math.min(Math.max(availableParallelism(), 2), 4);
/** A generous bound for a busy machine; the real durations are printed. */
const START_MAX_MS = 15_000;

const folder = mkdtempSync(join(tmpdir(), 'latchkey-crash-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test(`${CYCLES} cycles of kill -9 at random moments under create, update, rotate and revoke load: 0 acknowledged changes lost, 0 half applied, and as many audit entries as changes`, {
  timeout: 200_000 + CYCLES * 5_000,
}, async () => {
  const report = new Report();
  let left = CYCLES;
  const goesOn = (): boolean => left-- > 0;
  const lanes = Array.from({ length: LANES }, (_, lane) =>
    Lane.run({ dataDir: join(folder, `lane-${lane}`), seed: SEED + lane, report, goesOn }),
  );
  await Promise.all(lanes);
  process.stdout.write(`crash proof, seed ${SEED}: ${report.summary()}\n`);
  expect(report.findings.slice(0, 20)).toEqual([]);
  expect(report.cycles).toBe(CYCLES);
  // The proof must not pass because no change was made.
  expect(report.total).toBeGreaterThanOrEqual(CYCLES);
  expect(report.auditEntries).toBeGreaterThanOrEqual(CYCLES);
  expect(report.chainsVerified).toBeGreaterThanOrEqual(LANES);
  expect(report.inDoubt.applied + report.inDoubt.absent).toBeGreaterThan(0);
  expect(report.slowestStartMs).toBeLessThan(START_MAX_MS);
});
