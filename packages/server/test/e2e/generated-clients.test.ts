import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestService, type TestService } from '../harness/test-service.ts';

const CALLERS = fileURLToPath(new URL('../fixtures/clients', import.meta.url));
const MODULES = fileURLToPath(new URL('../../../../node_modules', import.meta.url));
/** Calls that each program makes and counts. */
const CALLS = 19;
/** Milliseconds: the compiler and the generators take most of a test. */
const TIMEOUT_MS = 180_000;

let folder: string;
let service: TestService;
let url: string;

beforeEach(async () => {
  service = await startTestService({ publicUrl: null });
  url = await service.app.listen({ host: '127.0.0.1', port: 0 });
  folder = mkdtempSync(path.join(tmpdir(), 'latchkey-clients-'));
  cpSync(CALLERS, folder, { recursive: true });
  symlinkSync(MODULES, path.join(folder, 'node_modules'), 'junction');
  const published = await fetch(`${url}/openapi.json`);
  writeFileSync(path.join(folder, 'openapi.json'), await published.text());
});
afterEach(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What the program prints, or what it could not be run for. */
async function run(script: string, ...args: string[]): Promise<string> {
  const env = {
    PATH: process.env.PATH,
    NO_COLOR: '1',
    LATCHKEY_URL: url,
    LATCHKEY_KEY: service.owner.secret,
  };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], { cwd: folder, env });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${script} ${args.join(' ')}\n${stdout}${stderr}`);
  }
}

/** Checks the types of a program that uses a generated client, runs it, and returns what it counted. */
async function counts(program: string): Promise<{ passed: number; failed: string[] }> {
  const settings = { extends: './tsconfig.json', files: [program] };
  writeFileSync(path.join(folder, `${program}.tsconfig.json`), JSON.stringify(settings));
  await run(path.join(MODULES, 'typescript/bin/tsc'), '-p', `${program}.tsconfig.json`, '--pretty', 'false');
  const bundle = await rolldown({ input: path.join(folder, program), platform: 'node' });
  const built = path.join(folder, `${program}.mjs`);
  await bundle.write({ file: built, format: 'esm' });
  await bundle.close();
  return JSON.parse(await run(built));
}

test(
  'types of openapi-typescript and calls of openapi-fetch fit the running service',
  async () => {
    const cli = path.join(MODULES, 'openapi-typescript/bin/cli.js');
    await run(cli, 'openapi.json', '--output', 'openapi-typescript.ts');
    expect(await counts('openapi-fetch.ts')).toEqual({ passed: CALLS, failed: [] });
  },
  TIMEOUT_MS,
);

test(
  'the client that @hey-api/openapi-ts makes fits the running service, given one key for every scheme',
  async () => {
    const cli = path.join(MODULES, '@hey-api/openapi-ts/bin/run.js');
    await run(cli, '--input', 'openapi.json', '--output', 'hey-api');
    expect(await counts('hey-api.ts')).toEqual({ passed: CALLS, failed: [] });
  },
  TIMEOUT_MS,
);
