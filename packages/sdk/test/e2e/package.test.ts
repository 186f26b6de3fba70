import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { publint } from 'publint';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LiveService, startLiveService } from '../live-service.ts';
import { installPacked, PACKAGE, type PackedPackage, run as runIn } from '../packed-package.ts';

const INSTALLED = 'node_modules/@latchkey/sdk';
const ENTRIES = ['', '/express', '/fastify', '/fetch', '/hono', '/testing'];
const KILOBYTE = 1024;

let packed: PackedPackage;
let service: LiveService;

const run = (program: string, args: readonly string[]) =>
  runIn(program, args, packed.folder, { LATCHKEY_URL: service.url, LATCHKEY_KEY: service.key });

const bin = (name: string, file: string) =>
  path.join(path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), file);

beforeAll(async () => {
  service = await startLiveService();
  packed = await installPacked();
}, 180_000);
afterAll(async () => {
  await service.close();
  rmSync(packed.folder, { recursive: true, force: true });
});

test('it installs nothing but itself', () => {
  expect(readdirSync(path.join(packed.folder, 'node_modules'))).toEqual(['.package-lock.json', '@latchkey']);
  expect(readdirSync(path.join(packed.folder, 'node_modules', '@latchkey'))).toEqual(['sdk']);
});

const FIRST_CALL = /```js\n(.*?)```/s.exec(readFileSync(path.join(PACKAGE, 'README.md'), 'utf8'))?.[1] ?? '';

test('the first call of its README works as an ES module', async () => {
  packed.put('first-call.mjs', FIRST_CALL);
  expect(await run(process.execPath, ['first-call.mjs'])).toMatch(/^key_\w{26} VALID\n$/);
});

test('the first call of its README works with require', async () => {
  const [imported = '', ...rest] = FIRST_CALL.split('\n');
  const required = imported.replace('import', 'const').replace(/from '(.*)'/, "= require('$1')");
  packed.put('first-call.cjs', `${required}\n(async () => {\n${rest.join('\n')}\n})();\n`);
  expect(await run(process.execPath, ['first-call.cjs'])).toMatch(/^key_\w{26} VALID\n$/);
});

test.each(['import', 'require'])('with %s, every entry loads without a framework', async (kind) => {
  const load = ENTRIES.map((entry) => `${kind}('@latchkey/sdk${entry}')`).join(', ');
  packed.put(
    'load.cjs',
    `Promise.all([${load}]).then((all) => console.log(all.map((one) => Object.keys(one).length > 0)));`,
  );
  expect(await run(process.execPath, ['load.cjs'])).toContain('[ true, true, true, true, true, true ]');
});

test('its types hold in a strict program without other packages, as ESM and as CommonJS', async () => {
  const program = (read: string) => `${read}
    const latchkey = new Latchkey({ url: 'https://keys.example.com', key: 'lk_live_x' });
    export const verdict = async () => {
      const one = await latchkey.keys.verify({ key: 'lk_live_y', permissions: ['calls:read'] });
      const { key } = await new TestLatchkey({ now: new Date() }).latchkey.keys.create({ name: 'k', userId: 'u' });
      const owner: string | undefined = one.valid ? one.apiKey.creator.email : one.apiKey?.creator.email;
      // @ts-expect-error: a denied key has no creator for certain
      one.apiKey.creator;
      const { updated } = await latchkey.keys.updateMany([{ id: 'key_1', isActive: false }]);
      const names: string[] = updated.map(({ name }) => name);
      // @ts-expect-error: two credentials
      new Latchkey({ url: '', key: 'lk_live_x', session: true });
      // @ts-expect-error: a misspelled permission list
      await latchkey.keys.verify({ key: 'lk_live_y', permission: [] });
      const guarded = withKey(latchkey, { cost: 2 }, (request, env: string) => new Response(env + request.apiKey.id));
      return { owner, names, guarded, key };
    };`;
  const imports = (from: string) =>
    `import { Latchkey } from '@latchkey/sdk${from}';\nimport { withKey } from '@latchkey/sdk/fetch';\nimport { TestLatchkey } from '@latchkey/sdk/testing';`;
  packed.put('types.mts', program(imports('')));
  packed.put('types.cts', program(imports('')));
  const options = { strict: true, module: 'NodeNext', lib: ['ES2023', 'DOM'], types: [], noEmit: true };
  packed.put(
    'tsconfig.json',
    JSON.stringify({ compilerOptions: options, files: ['types.mts', 'types.cts'] }),
  );
  expect(await run(process.execPath, [bin('typescript', 'bin/tsc'), '-p', '.'])).toBe('');
});

test('publint has no complaint', async () => {
  const { messages } = await publint({
    pkgDir: path.join(packed.folder, INSTALLED),
    pack: false,
    strict: true,
  });
  expect(messages).toEqual([]);
});

// It exits with an error for a problem.
test('arethetypeswrong has no complaint', async () => {
  const cli = bin('@arethetypeswrong/cli', 'dist/index.js');
  const printed = await run(process.execPath, [
    cli,
    packed.tarball,
    '--profile',
    'node16',
    '--no-emoji',
    '--no-color',
  ]);
  expect(printed).toMatch(/"@latchkey\/sdk" +│ OK \(CJS\) +│ OK \(ESM\)/);
});

/** The minified bundle of a program for browsers, in bytes after gzip. Throws if anything does not resolve. */
async function bundled(program: string): Promise<number> {
  packed.put('program.mjs', program);
  const bundle = await rolldown({
    input: path.join(packed.folder, 'program.mjs'),
    platform: 'browser',
    onLog(level, log) {
      throw new Error(`${level}: ${log.message}`);
    },
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  await bundle.close();
  return gzipSync(output[0].code).length;
}

describe('in a bundle for browsers, which has no module of Node,', () => {
  const sizeOf = (entries: readonly string[]) =>
    bundled(entries.map((entry, index) => `export * as e${index} from '@latchkey/sdk${entry}';`).join('\n'));

  test('the client and all middlewares are at most 12 kB after gzip, and 21 kB with the Latchkey for tests', async () => {
    const shipped = ENTRIES.filter((entry) => entry !== '/testing');
    expect(await sizeOf(shipped)).toBeLessThanOrEqual(12 * KILOBYTE);
    expect(await sizeOf(ENTRIES)).toBeLessThanOrEqual(21 * KILOBYTE);
  });

  test('a program that uses one error is smaller than 1 kB, and one that uses a middleware has no client', async () => {
    expect(await bundled("export { LatchkeyError } from '@latchkey/sdk';")).toBeLessThan(KILOBYTE);
    expect(await bundled("export { withKey } from '@latchkey/sdk/fetch';")).toBeLessThan(4 * KILOBYTE);
  });
});
