/**
 * Builds the dashboard: packages/dashboard/dist.
 *
 *   node scripts/dashboard.mjs
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { DASHBOARD as built, LICENCES } from './dashboard-files.mjs';
import { licencesOf } from './licences.mjs';
import { root } from './run.mjs';

const source = path.join(root, 'packages', 'dashboard');

/** What the build leaves beside the pages, and the service does not serve. */
const NOT_SERVED = ['manifest.json', LICENCES];

/** Builds packages/dashboard/dist: the files, each also compressed as it is sent, and the licences of the packages in them. */
async function buildDashboard() {
  /** @type {Set<string>} */
  const modules = new Set();
  const collect = {
    name: 'collect-modules',
    /** @param {import('vite').Rolldown.OutputOptions} _ @param {import('vite').Rolldown.OutputBundle} bundle */
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle))
        for (const id of file.type === 'chunk' ? file.moduleIds : []) modules.add(id.split('?')[0] ?? id);
    },
  };
  const configFile = path.join(source, 'vite.config.ts');
  await build({ configFile, logLevel: 'warn', plugins: [collect] });
  const icons = readFileSync(path.join(source, 'src', 'ui', 'icons.licence.txt'), 'utf8');
  writeFileSync(
    path.join(built, LICENCES),
    `${licencesOf([...modules, ...FONTS])}\nTabler Icons\n\n${icons}`,
  );
  for (const name of servedFiles())
    writeFileSync(
      path.join(built, `${name}.gz`),
      gzipSync(readFileSync(path.join(built, name)), { level: 9 }),
    );
}

/** The fonts are in the style, which is not a module. */
const FONTS = ['inter', 'jetbrains-mono'].map((name) =>
  path.join(root, 'node_modules', '@fontsource-variable', name, 'index.css'),
);

function servedFiles() {
  return readdirSync(built, { recursive: true, encoding: 'utf8' }).filter(
    (name) => path.extname(name) !== '' && !name.endsWith('.gz') && !NOT_SERVED.includes(name),
  );
}

await buildDashboard();
