/**
 * Prints figures about this repository: the sizes of its files and functions, how many packages the product
 * installs to run, and how many modules the import check reads. It only measures and never fails because of a figure.
 *
 *   node scripts/figures.mjs [--json]
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { checkImports } from './imports.mjs';
import { root } from './run.mjs';
import { figures, figuresAsText, measureAll } from './sizes.mjs';

const sizes = figures(measureAll());
const runtimePackages = countRuntimePackages();
const { modules } = await checkImports();

if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ ...sizes, runtimePackages, modulesCruised: modules }, null, 2));
} else {
  console.log(figuresAsText(sizes));
  console.log(`runtime packages  ${runtimePackages} (from the registry, our own not counted)`);
  console.log(`modules cruised   ${modules}`);
}

/** @returns {number} what the lock installs without development packages and without our own */
function countRuntimePackages() {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  /** @type {[string, { dev?: boolean, link?: boolean, devOptional?: boolean, optional?: boolean }][]} */
  const entries = Object.entries(lock.packages);
  return entries.filter(
    ([place, entry]) => place.includes('node_modules/') && !entry.link && !isDevelopment(entry),
  ).length;
}

/** @param {{ dev?: boolean, devOptional?: boolean, optional?: boolean }} entry */
function isDevelopment(entry) {
  return entry.dev === true || entry.devOptional === true || entry.optional === true;
}
