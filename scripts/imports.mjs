/**
 * Checks the imports between modules, by the rules in .dependency-cruiser.cjs. It promises to fail not only on a
 * forbidden import, but also when it read fewer modules than there are: it must not pass because it found no files.
 *
 *   node scripts/imports.mjs
 */
import { typescriptFiles } from './files.mjs';
import { isMain, moduleFile, runNode } from './run.mjs';

/** The minimum number of modules of this repository. Raise it as the code grows. */
const modulesMin = 300;

/** @typedef {{ from: string, to: string, rule: { name: string, severity: string }, cycle?: { name: string }[] }} Violation */
/** @typedef {{ modules: { source: string }[], summary: { violations: Violation[] } }} Cruise */

/** @returns {Promise<{ modules: number, problems: string[] }>} */
export async function checkImports() {
  const cruised = await cruise();
  if (typeof cruised === 'string') return { modules: 0, problems: [cruised] };
  const ours = typescriptFiles();
  const seen = new Set(cruised.modules.map((module) => module.source));
  const modules = ours.filter((file) => seen.has(file)).length;
  const missing = ours.filter((file) => !seen.has(file)).map((file) => `not checked: ${file}`);
  const tooFew = modules < modulesMin ? [`${modules} modules checked, at least ${modulesMin} expected`] : [];
  return { modules, problems: [...cruised.summary.violations.map(explain), ...missing, ...tooFew] };
}

/** @returns {Promise<Cruise | string>} the result, or why there is none */
async function cruise() {
  const program = moduleFile('dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [program, 'packages', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  const { stdout, stderr } = await runNode(args);
  try {
    return JSON.parse(stdout);
  } catch {
    return `dependency-cruiser gave no result: ${stderr}${stdout.slice(0, 500)}`;
  }
}

/** @param {Violation} violation */
function explain({ from, to, rule, cycle }) {
  const path = cycle === undefined || cycle.length === 0 ? to : cycle.map((step) => step.name).join(' -> ');
  return from === to ? `${rule.name}: ${from}` : `${rule.name}: ${from} -> ${path}`;
}

if (isMain(import.meta.filename)) {
  const { modules, problems } = await checkImports();
  for (const problem of problems) console.log(problem);
  console.log(`${modules} modules`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
