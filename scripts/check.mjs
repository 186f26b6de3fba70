/**
 * Runs every static check and prints one line for each. It promises that a check which cannot run counts as
 * failed, and that the output of the failed ones is printed below the list.
 *
 *   node scripts/check.mjs [--json]
 */
import { availableParallelism } from 'node:os';
import { isMain, moduleFile, runNode, since } from './run.mjs';

/** @typedef {{ name: string, ok: boolean, seconds: string, output: string }} CheckResult */

const quietRedocly = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };

/** What is checked: a name, the program with its arguments, and what it needs in its environment. */
const checks = [
  { name: 'types', args: [moduleFile('typescript/bin/tsc'), '-p', 'tsconfig.json', '--pretty', 'false'] },
  {
    name: 'types of pages',
    args: [moduleFile('typescript/bin/tsc'), '-p', 'packages/dashboard/tsconfig.json', '--pretty', 'false'],
  },
  {
    name: 'format and lint',
    args: [moduleFile('@biomejs/biome/bin/biome'), 'ci', '--error-on-warnings', '--colors=off'],
  },
  { name: 'promises', args: [moduleFile('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings'] },
  { name: 'imports', args: ['scripts/imports.mjs'] },
  { name: 'words', args: ['scripts/words.mjs'] },
  { name: 'unused', args: [moduleFile('knip/bin/knip.js'), '--no-progress', '--no-config-hints'] },
  { name: 'icons drift', args: ['scripts/icons.mjs', '--check'] },
  { name: 'openapi drift', args: ['scripts/openapi.mjs', '--check'] },
  {
    name: 'openapi lint',
    args: [moduleFile('@redocly/cli/bin/cli.js'), 'lint', '--format=stylish'],
    env: quietRedocly,
  },
];

/**
 * Runs all checks, as many concurrently as there are processors, and calls `tell` with each result as soon as it is there.
 * @param {(result: CheckResult) => void} tell
 * @returns {Promise<CheckResult[]>} in the order of the list
 */
export async function runChecks(tell) {
  /** @type {CheckResult[]} */
  const results = [];
  const waiting = checks.entries();
  const worker = async () => {
    for (const [index, check] of waiting) {
      const result = await runCheck(check);
      results[index] = result;
      tell(result);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}

/** @param {{ name: string, args: string[], env?: NodeJS.ProcessEnv }} check @returns {Promise<CheckResult>} */
async function runCheck({ name, args, env }) {
  const started = Date.now();
  const { code, stdout, stderr } = await runNode(args, { NO_COLOR: '1', ...env });
  return { name, ok: code === 0, seconds: since(started), output: `${stdout}${stderr}`.trim() };
}

/** @param {CheckResult} result */
export function printResult({ name, ok, seconds }) {
  console.log(`${ok ? 'ok    ' : 'failed'}  ${name.padEnd(16)} ${seconds}`);
}

/** @param {CheckResult[]} results prints what the failed ones said */
export function printFailures(results) {
  for (const { name, output } of results.filter((result) => !result.ok)) {
    console.log(`\n--- ${name} ---\n${output || '(no output)'}`);
  }
}

if (isMain(import.meta.filename)) {
  const json = process.argv.includes('--json');
  const results = await runChecks(json ? () => {} : printResult);
  if (json) console.log(JSON.stringify(results, null, 2));
  else printFailures(results);
  process.exitCode = results.every((result) => result.ok) ? 0 : 1;
}
