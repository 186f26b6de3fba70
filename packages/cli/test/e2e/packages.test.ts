import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startLiveService } from '../harness/live-service.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const PUBLISHED = ['contract', 'sdk', 'server', 'cli'];
/** Milliseconds: npm packs, and installs what the packages depend on. */
const TIMEOUT_MS = 300_000;
/** From the cache as far as it goes, and without install scripts: no package may need one. */
const INSTALL = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];

/** Runs a program and returns what it printed. */
async function run(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}) {
  const { PATH, HOME } = process.env;
  const { stdout } = await promisify(execFile)(program, args, { cwd, env: { PATH, HOME, ...env } });
  return stdout;
}

/** Packs every package, as it is published; returns the files in each by name of the package. */
async function pack(folder: string): Promise<Record<string, string[]>> {
  const workspaces = PUBLISHED.map((name) => `--workspace=packages/${name}`);
  const printed = await run('npm', ['pack', ...workspaces, '--json', '--pack-destination', folder], ROOT);
  const packed = JSON.parse(printed) as { name: string; files: { path: string }[] }[];
  return Object.fromEntries(packed.map(({ name, files }) => [name, files.map((file) => file.path)]));
}

/** The first program of a README. */
function firstProgram(readme: string): string {
  return /```js\n(.*?)```/s.exec(readFileSync(path.join(ROOT, readme), 'utf8'))?.[1] ?? '';
}

/** Starts the service of the package in an empty folder, and prints the content type of each path on the command line. */
const SERVE = `
import { initialise, loadConfig, startService } from '@latchkey/server';
const config = loadConfig({}, { dataDir: './data', port: '0', logLevel: 'silent' });
await initialise(config, { workspaceName: 'Test', ownerEmail: 'owner@example.com', ownerName: 'Owner' });
const service = await startService(config);
const page = await (await fetch(service.url + '/keys')).text();
const assets = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path);
for (const path of ['/keys', ...assets]) {
  const response = await fetch(new URL(path, service.url));
  console.log(response.status, path.replace(/-[\\w-]{8}\\./, '.'), response.headers.get('content-type'));
}
await service.close();
`;

test(
  'every package is packed with its licence and README, and what is packed runs on its own',
  async () => {
    const folder = temporaryFolder();
    const packages = await pack(folder);
    expect(Object.keys(packages).sort()).toEqual([
      '@latchkey/contract',
      '@latchkey/sdk',
      '@latchkey/server',
      'latchkey',
    ]);
    for (const files of Object.values(packages)) {
      expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']));
      expect(files.filter((file) => /\.test\.|^src\//.test(file))).toEqual([]);
    }

    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    const tarballs = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
    await run('npm', [...INSTALL, ...tarballs.map((file) => `./${file}`)], folder);
    const bin = path.join(folder, 'node_modules/.bin/latchkey');
    expect((await run(bin, ['--version'], folder)).trim()).toMatch(/^\d+\.\d+\.\d+$/);

    writeFileSync(path.join(folder, 'serve.js'), SERVE);
    const served = (await run(process.execPath, ['serve.js'], folder)).split('\n');
    expect(served).toContain('200 /keys text/html; charset=utf-8');
    expect(served).toContain('200 /assets/index.js text/javascript; charset=utf-8');
    expect(served.filter((line) => line !== '' && !line.startsWith('200 '))).toEqual([]);

    const service = await startLiveService();
    writeFileSync(path.join(folder, 'first-call.js'), firstProgram('packages/sdk/README.md'));
    const printed = await run(process.execPath, ['first-call.js'], folder, service.env);
    await service.close();
    expect(printed).toMatch(/^key_\w{26} VALID\n$/);
  },
  TIMEOUT_MS,
);
