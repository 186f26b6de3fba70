/**
 * Makes a fresh clone ready to run. It promises that the installed packages are those of the present
 * package-lock.json and that every packages/<name>/dist is built from the present sources; that it does
 * nothing, and says nothing, when both are already true; and that it prints to stderr only, so that the
 * standard output of the command it precedes stays clean. It needs nothing but Node.
 *
 *   node scripts/prepare.mjs                  install, build the program and the libraries
 *   node scripts/prepare.mjs --program        install only what the program is built from, and build it
 *   node scripts/prepare.mjs --install-only   install
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { putDashboard } from './dashboard-files.mjs';
import { putSwaggerUi } from './swagger-ui.mjs';

// Not `import.meta.dirname`: this file must also run on a Node that is too old, to report that.
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const lockFile = path.join(root, 'package-lock.json');
const lockStamp = path.join(root, 'node_modules', '.latchkey-lock');
const cache = path.join(root, 'node_modules', '.cache');

/** What the files of the dashboard are built from, besides the sources of packages. */
const DASHBOARD_SOURCES = [
  'tsconfig.base.json',
  ...['dashboard.mjs', 'dashboard-files.mjs', 'licences.mjs'].map((name) => path.join('scripts', name)),
];

/** What an npm that runs this script was asked for is not meant for the npm that it runs. */
const NPM_OPTIONS = /^npm_config_(?:workspaces?|dry_run|pack_destination|include|omit|json)$/i;
const isProgramOnly = process.argv.includes('--program');

requireNode(20, 19);
install();
if (!process.argv.includes('--install-only')) {
  buildDashboard();
  if (!isProgramOnly) {
    buildLibraries();
    buildClient();
  }
  buildProgram();
}

/** @param {number} major @param {number} minor the least version that can run us */
function requireNode(major, minor) {
  const [haveMajor = 0, haveMinor = 0] = process.versions.node.split('.').map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  fail(
    `Latchkey needs Node ${major}.${minor} or newer; this is ${process.version}. Install Node 24 and try again.`,
  );
}

/** The development tools are most of what can be installed. They are kept where they are, and a start does without them. */
function install() {
  const wanted = hashOf([lockFile]);
  const [installed, tools] = read(lockStamp)?.split(' ') ?? [];
  const hasTools = tools === 'tools';
  if (installed === wanted && (hasTools || isProgramOnly)) return;
  const withTools = hasTools || !isProgramOnly;
  const first = !existsSync(path.join(root, 'node_modules'));
  const done = progress(first ? 'Installing packages (first start, about a minute)' : 'Installing packages');
  const dev = withTools ? '--include=dev' : '--omit=dev';
  const result = npm(['ci', dev, '--no-audit', '--no-fund', '--no-progress', '--loglevel=error']);
  if (result.status !== 0) {
    explain(
      result,
      'Installing failed. Check the network and that package.json matches the lock, then run: npm ci',
    );
  }
  writeFileSync(lockStamp, withTools ? `${wanted} tools` : wanted);
  done();
}

/** The pages of the dashboard, which the program and the server package contain. */
function buildDashboard() {
  build({
    what: 'Building the dashboard',
    stamp: path.join(cache, 'latchkey-dashboard'),
    sources: DASHBOARD_SOURCES,
    packages: ['contract', 'sdk', 'dashboard'],
    results: [path.join(root, 'packages', 'dashboard', 'dist', 'index.html.gz')],
    args: [path.join('scripts', 'dashboard.mjs')],
  });
}

function buildLibraries() {
  const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const pages = path.join(root, 'packages', 'server', 'dist', 'http', 'pages');
  const isNew = build({
    what: 'Building the libraries',
    stamp: path.join(cache, 'latchkey-libraries'),
    sources: [...DASHBOARD_SOURCES, 'tsconfig.build.json', path.join('scripts', 'swagger-ui.mjs')],
    results: [
      ...libraryNames().map((name) => path.join(root, 'packages', name, 'dist', '.tsbuildinfo')),
      path.join(pages, 'dashboard', 'index.html.gz'),
      path.join(pages, 'reference', 'swagger-ui-bundle.js.gz'),
    ],
    args: [compiler, '-b', 'tsconfig.build.json', '--pretty', 'false'],
  });
  libraryNames().forEach(pruneDist);
  if (!isNew) return;
  putSwaggerUi(path.join(pages, 'reference'));
  putDashboard(pages);
}

function buildClient() {
  const scripts = ['bundle-client.mjs', 'client-contract.mjs', 'client-types.mjs'];
  build({
    what: 'Building the client',
    stamp: path.join(cache, 'latchkey-client'),
    sources: scripts.map((name) => path.join('scripts', name)),
    packages: ['contract', 'sdk'],
    results: [path.join(root, 'packages', 'sdk', 'dist', 'cjs', 'package.json')],
    args: [path.join('scripts', 'bundle-client.mjs')],
  });
}

function buildProgram() {
  const dist = path.join(root, 'packages', 'cli', 'dist');
  const scripts = ['bundle.mjs', 'swagger-ui.mjs'].map((name) => path.join('scripts', name));
  build({
    what: 'Building the program',
    stamp: path.join(cache, 'latchkey-program'),
    sources: [...DASHBOARD_SOURCES, ...scripts],
    results: [path.join(dist, 'main.js'), path.join(dist, 'dashboard', 'index.html.gz')],
    args: [path.join('scripts', 'bundle.mjs')],
  });
}

/**
 * Runs a build unless it was run already for the present sources of its packages.
 * @param {object} options
 * @param {string} options.what
 * @param {string} options.stamp where it is kept for which sources it was run
 * @param {string[]} [options.packages] the packages that it depends on; all by default
 * @param {string[]} options.sources what else it depends on
 * @param {string[]} options.results files that must be there
 * @param {string[]} options.args what Node runs
 * @returns {boolean} whether it was run
 */
function build({ what, stamp, packages = packageNames(), sources, results, args }) {
  const others = ['package-lock.json', ...sources].map((file) => path.join(root, file));
  const wanted = hashOf([...packageFiles(packages), ...others]);
  if (read(stamp) === wanted && results.every((file) => existsSync(file))) return false;
  const done = progress(what);
  rmSync(stamp, { force: true });
  const result = run(process.execPath, args);
  if (result.status !== 0)
    explain(result, 'Building failed. Correct the errors above, or see: npm run check');
  mkdirSync(cache, { recursive: true });
  writeFileSync(stamp, wanted);
  done();
  return true;
}

function packageNames() {
  return readdirSync(path.join(root, 'packages')).filter((name) =>
    existsSync(path.join(root, 'packages', name, 'package.json')),
  );
}

/** The packages that others import, and that the compiler builds file by file. */
function libraryNames() {
  return packageNames().filter(
    (name) => name !== 'dashboard' && existsSync(path.join(root, 'packages', name, 'tsconfig.json')),
  );
}

/** @param {string[]} names of packages */
function packageFiles(names) {
  return names.flatMap((name) => [
    ...filesBelow(path.join(root, 'packages', name, 'src')),
    ...filesBelow(path.join(root, 'packages', name, 'public')),
    ...['package.json', 'tsconfig.json', 'vite.config.ts', 'index.html']
      .map((file) => path.join(root, 'packages', name, file))
      .filter((file) => existsSync(file)),
  ]);
}

/** Removes what was built from a source file that no longer exists: the compiler leaves it behind. */
function pruneDist(/** @type {string} */ name) {
  const dist = path.join(root, 'packages', name, 'dist');
  for (const file of filesBelow(dist)) {
    const stem = /^(.*?)(\.d\.ts|\.js|\.js\.map)$/.exec(path.relative(dist, file))?.[1];
    if (stem === undefined) continue;
    const source = path.join(root, 'packages', name, 'src', stem);
    if (!existsSync(`${source}.ts`) && !existsSync(`${source}.tsx`)) rmSync(file);
  }
}

/** @param {string} folder @returns {string[]} every file below it, in a stable order */
function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const file = path.join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(file) : [file];
    });
}

/** @param {string[]} files @returns {string} one hash over their names and contents */
function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(path.relative(root, file)).update('\0').update(readFileSync(file));
  return hash.digest('hex');
}

/** @param {string} file */
function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** @param {string[]} args */
function npm(args) {
  const script = process.env.npm_execpath;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !NPM_OPTIONS.test(name)));
  if (script !== undefined && /npm-cli\.c?js$/.test(script))
    return run(process.execPath, [script, ...args], { env });
  return run('npm', args, { env, shell: process.platform === 'win32' });
}

/** @param {string} command @param {string[]} args @param {{ shell?: boolean, env?: NodeJS.ProcessEnv }} [options] */
function run(command, args, options = {}) {
  return spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...options });
}

/** @param {string} what @returns {() => void} to be called at the end: it adds the seconds taken */
function progress(what) {
  const started = Date.now();
  process.stderr.write(`${what} … `);
  return () => process.stderr.write(`${((Date.now() - started) / 1000).toFixed(0)} s\n`);
}

/** @param {import('node:child_process').SpawnSyncReturns<string>} result @param {string} advice */
function explain(result, advice) {
  process.stderr.write(`failed\n${result.error?.message ?? ''}${result.stdout}${result.stderr}\n`);
  fail(advice);
}

/** @param {string} message @returns {never} */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
