import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { seedFrom } from '../harness/random.ts';
import { Lane } from './crash/lane.ts';
import { type Finding, Report } from './crash/report.ts';

const CYCLES_MAX = 60;
const SEED = seedFrom('CRASH_SEED');

/** Faults, each injected by a module that changes the database driver, and the finding that the harness must report. */
const FAULTS = [
  ['whose changes are not transactions', 'without-transactions', 'half applied', ''],
  ['that loses some of the changes it has acknowledged', 'without-some-commits', 'lost', ''],
  ['that loses the used day quota at each start', 'without-quotas', 'lost', 'day quota'],
] as const;

const folder = mkdtempSync(join(tmpdir(), 'latchkey-crash-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(FAULTS)(
  'the harness notices a service %s',
  { timeout: 400_000 },
  async (title, fault, kind, start) => {
    const report = new Report();
    const isIt = (finding: Finding): boolean => finding.kind === kind && finding.what.startsWith(start);
    const goesOn = (): boolean => !report.findings.some(isIt) && report.cycles < CYCLES_MAX;
    const preload = new URL(`crash/${fault}.preload.mjs`, import.meta.url).href;
    await Lane.run({ dataDir: join(folder, fault), seed: SEED, report, goesOn, preload });
    const [example] = report.findings.filter(isIt);
    process.stdout.write(`a service ${title}, seed ${SEED}, cycle ${example?.cycle}: ${example?.what}\n`);
    expect(report.findings.filter(isIt)).not.toEqual([]);
  },
);
