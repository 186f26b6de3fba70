/**
 * Lists the source files of this repository. It promises paths relative to the root, with forward slashes, in a stable
 * order, and never a file that was built or installed.
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { root } from './run.mjs';

/** @returns {string[]} every .ts and .tsx file below packages/<name>/src and packages/<name>/test */
export function typescriptFiles() {
  const packages = readdirSync(path.join(root, 'packages'));
  const folders = packages.flatMap((name) => [`packages/${name}/src`, `packages/${name}/test`]);
  return folders
    .flatMap(filesBelow)
    .filter((file) => /\.tsx?$/.test(file))
    .sort();
}

/** @param {string} file @returns {boolean} whether it holds tests or what only tests use */
export function isTestFile(file) {
  return /\.test\.tsx?$|\.suite\.ts$|\/suites\/|^packages\/[^/]+\/test\//.test(file);
}

/** @param {string} folder */
function filesBelow(folder) {
  const absolute = path.join(root, folder);
  if (!existsSync(absolute)) return [];
  const names = readdirSync(absolute, { recursive: true, encoding: 'utf8' });
  return names.map((name) => path.posix.join(folder, name.split(path.sep).join('/')));
}
