/**
 * Builds, runs the static checks, then all tests. It promises that its last line is `N passed, N failed`
 * (and `, N skipped` if any), where the build and each static check count as one, and that the exit code is
 * not zero exactly when something failed. A test file that does not load, an unhandled error, a run without
 * a report and a run without tests are failures too. While tests run, it prints `file 3 of 120` and the files
 * that run; at the end, the slowest files.
 *
 *   node scripts/test.mjs [--no-check] [arguments of vitest]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { printFailures, printResult, runChecks } from './check.mjs';
import { moduleFile, root } from './run.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Totals */
/** @typedef {{ status: string, assertionResults: { status: string }[] }} ReportedFile */

const vitestArgs = process.argv.slice(2).filter((argument) => argument !== '--no-check');
const parts = [build()];
if (!process.argv.includes('--no-check')) parts.push(await check());
parts.push(test());
close(parts);

/** @returns {Totals} */
function build() {
  const { status } = spawnSync(process.execPath, ['scripts/prepare.mjs'], { cwd: root, stdio: 'inherit' });
  return count([status === 0]);
}

/** @returns {Promise<Totals>} */
async function check() {
  const results = await runChecks(printResult);
  printFailures(results);
  return count(results.map((result) => result.ok));
}

/** Without arguments that choose projects, all but the labs, which `npm run lab` runs. @returns {string[]} */
function projects() {
  const isChosen = vitestArgs.some((argument) => argument.startsWith('--project'));
  return isChosen ? [] : ['--config=vitest.whole.config.ts'];
}

/** @returns {Totals} */
function test() {
  const folder = mkdtempSync(path.join(tmpdir(), 'latchkey-test-'));
  try {
    const report = path.join(folder, 'report.json');
    const progress = `--reporter=${path.join(root, 'scripts', 'progress-reporter.mjs')}`;
    const reporters = ['--reporter=default', progress, '--reporter=json', `--outputFile.json=${report}`];
    const args = [moduleFile('vitest/vitest.mjs'), 'run', ...projects(), ...reporters, ...vitestArgs];
    const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
    return totals(report, status === 0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} report its file @param {boolean} exitedWell @returns {Totals} */
function totals(report, exitedWell) {
  const files = readReport(report);
  const statuses = files.flatMap((file) => file.assertionResults.map((result) => result.status));
  const passed = statuses.filter((status) => status === 'passed').length;
  const failed =
    statuses.filter((status) => status === 'failed').length + files.filter(failedAsAWhole).length;
  const nothingRan = passed + failed === 0;
  const unexplained = failed === 0 && (!exitedWell || nothingRan) ? 1 : 0;
  return { passed, failed: failed + unexplained, skipped: statuses.filter(isSkipped).length };
}

/** @param {string} file @returns {ReportedFile[]} nothing if the run ended without a report */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).testResults;
  } catch {
    return [];
  }
}

/** @param {ReportedFile} file @returns {boolean} whether it failed outside of its tests: loading, a hook */
function failedAsAWhole(file) {
  return file.status === 'failed' && file.assertionResults.every((result) => result.status !== 'failed');
}

/** @param {string} status */
function isSkipped(status) {
  return status !== 'passed' && status !== 'failed';
}

/** @param {boolean[]} outcomes @returns {Totals} */
function count(outcomes) {
  const passed = outcomes.filter((ok) => ok).length;
  return { passed, failed: outcomes.length - passed, skipped: 0 };
}

/** @param {Totals[]} all prints the closing line and sets the exit code */
function close(all) {
  const sum = (/** @type {keyof Totals} */ key) => all.reduce((total, part) => total + part[key], 0);
  const skipped = sum('skipped') === 0 ? '' : `, ${sum('skipped')} skipped`;
  console.log(`${sum('passed')} passed, ${sum('failed')} failed${skipped}`);
  process.exitCode = sum('failed') === 0 ? 0 : 1;
}
