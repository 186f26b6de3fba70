/**
 * Runs labs: full matrices, such as every gateway with every kind of key, which take too long for `npm test`. Each lab prints
 * its own table. It promises that the exit code is zero exactly when all of them passed.
 *
 *   npm run lab [-- NAME...]     NAME: a file of packages/<package>/test/lab without `.test.ts`; all without names
 *   npm run lab -- --list        the names
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { moduleFile, root, since } from './run.mjs';

const SUFFIX = '.test.ts';
/** The file of each lab, by name. */
const labs = new Map(
  readdirSync(path.join(root, 'packages'))
    .flatMap((name) => filesIn(path.join('packages', name, 'test', 'lab')))
    .map((file) => [path.basename(file, SUFFIX), file]),
);

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !labs.has(name));
if (wanted.includes('--list')) console.log([...labs.keys()].join('\n'));
else if (unknown.length > 0) deny(unknown);
else summarize((wanted.length > 0 ? wanted : [...labs.keys()]).map(run));

/** @param {string} folder @returns {string[]} the labs in it; none if there is no such folder */
function filesIn(folder) {
  try {
    const files = readdirSync(path.join(root, folder)).filter((file) => file.endsWith(SUFFIX));
    return files.map((file) => path.join(folder, file));
  } catch {
    return [];
  }
}

/** @param {string[]} names */
function deny(names) {
  console.error(`There is no lab named ${names.join(', ')}. The labs are: ${[...labs.keys()].join(', ')}`);
  process.exitCode = 1;
}

/** @param {string} name @returns {{ name: string, passed: boolean, took: string }} */
function run(name) {
  console.log(`\nLab ${name}`);
  const started = Date.now();
  const args = ['run', '--project', 'lab', '--reporter=verbose', '--disable-console-intercept=true'];
  const program = [moduleFile('vitest/vitest.mjs'), ...args, labs.get(name) ?? name];
  const { status } = spawnSync(process.execPath, program, { cwd: root, stdio: 'inherit' });
  return { name, passed: status === 0, took: since(started) };
}

/** @param {{ name: string, passed: boolean, took: string }[]} results */
function summarize(results) {
  const width = Math.max(0, ...results.map(({ name }) => name.length));
  for (const { name, passed, took } of results)
    console.log(`${passed ? 'passed' : 'FAILED'}  ${name.padEnd(width)}  ${took}`);
  process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
}
