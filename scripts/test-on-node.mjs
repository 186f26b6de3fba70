/**
 * Runs the whole of `npm test` on another version of Node, taken from the package registry. It promises
 * that the tests and every process they start use that version, and changes no manifest and no lock.
 *
 *   node scripts/test-on-node.mjs 24 [arguments of scripts/test.mjs]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { root } from './run.mjs';

const [version, ...rest] = process.argv.slice(2);
if (version === undefined || !/^\d+(\.\d+){0,2}$/.test(version)) {
  console.error('Say which version of Node, for example: node scripts/test-on-node.mjs 24');
  process.exit(1);
}
const node = install(version);
const bin = path.dirname(node);
console.log(`Testing on Node ${run(node, ['--version'], 'pipe').stdout.trim()}`);
const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}` };
process.exitCode = run(node, [path.join('scripts', 'test.mjs'), ...rest], 'inherit', env).status ?? 1;

/** @param {string} wanted @returns {string} the path of the binary */
function install(wanted) {
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${system}-${process.arch}`;
  const folder = path.join(root, 'node_modules', '.cache', `node-${wanted}`);
  const binary = path.join(folder, 'node_modules', name, 'bin', system === 'win' ? 'node.exe' : 'node');
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  const args = ['install', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'];
  run('npm', [...args, '--workspaces=false', '--prefix', folder, `${name}@${wanted}`], 'inherit');
  if (existsSync(binary)) return binary;
  console.error(`Node ${wanted} could not be installed as ${name}@${wanted}`);
  process.exit(1);
}

/** @param {string} command @param {string[]} args @param {'pipe' | 'inherit'} stdio @param {NodeJS.ProcessEnv} [env] */
function run(command, args, stdio, env = process.env) {
  return spawnSync(command, args, { cwd: root, stdio, encoding: 'utf8', env });
}
