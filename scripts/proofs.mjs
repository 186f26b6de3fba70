/**
 * Runs proofs at their full size, one after another, and prints each of their tests as it ends. It promises that the
 * exit code is zero exactly when all of them passed.
 *
 *   npm run proofs [-- NAME...]     NAME: a file of packages/server/test/proof without `.test.ts`; all without names
 *   npm run proofs -- --list        the names
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { moduleFile, root, since } from './run.mjs';

const FOLDER = 'packages/server/test/proof';
const SUFFIX = '.test.ts';
const all = readdirSync(path.join(root, FOLDER))
  .filter((file) => file.endsWith(SUFFIX))
  .map((file) => file.slice(0, -SUFFIX.length));

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (wanted.includes('--list')) console.log(all.join('\n'));
else if (unknown.length > 0) deny(unknown);
else run(wanted.length > 0 ? wanted : all);

/** @param {string[]} names */
function deny(names) {
  console.error(`There is no proof named ${names.join(', ')}. The proofs are: ${all.join(', ')}`);
  process.exitCode = 1;
}

/** @param {string[]} names */
function run(names) {
  const failed = names.filter((name, index) => {
    console.log(`\nProof ${index + 1} of ${names.length}: ${name}`);
    const started = Date.now();
    const args = ['run', '--project', 'proof', '--reporter=verbose', path.join(FOLDER, name + SUFFIX)];
    const env = { ...process.env, PROOFS: 'full' };
    const { status } = spawnSync(process.execPath, [moduleFile('vitest/vitest.mjs'), ...args], {
      cwd: root,
      env,
      stdio: 'inherit',
    });
    console.log(`${name} ${status === 0 ? 'passed' : 'FAILED'} after ${since(started)}`);
    return status !== 0;
  });
  console.log(
    `${names.length - failed.length} proofs passed, ${failed.length} failed${failed.length > 0 ? `: ${failed.join(', ')}` : ''}`,
  );
  process.exitCode = failed.length === 0 ? 0 : 1;
}
