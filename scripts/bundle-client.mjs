/**
 * Builds the client from its sources: packages/sdk/dist, as ES modules in `esm` and for `require` in `cjs`, each with its
 * declarations, and the licence texts of the packages that went in. The contract goes in, so that the package depends on no
 * other. It promises that the files import nothing from outside but types of a framework.
 *
 *   node scripts/bundle-client.mjs
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { contractModule } from './client-contract.mjs';
import { declarationsOf } from './client-types.mjs';
import { licencesOf } from './licences.mjs';
import { root } from './run.mjs';

const ENTRIES = ['index', 'express', 'fastify', 'fetch', 'hono', 'testing'];
const folder = path.join(root, 'packages', 'sdk');
const dist = path.join(folder, 'dist');
const CONTRACT = '@latchkey/contract';

rmSync(dist, { recursive: true, force: true });
await bundle();
putDeclarations();
writeFileSync(path.join(dist, 'cjs', 'package.json'), '{ "type": "commonjs" }\n');

async function bundle() {
  const code = await contractModule();
  const client = await rolldown({
    input: Object.fromEntries(ENTRIES.map((name) => [name, path.join(folder, 'src', `${name}.ts`)])),
    // No module of Node resolves on this platform.
    platform: 'neutral',
    resolve: { conditionNames: ['source', 'import', 'default'], mainFields: ['module', 'main'] },
    plugins: [
      {
        name: 'contract-as-data',
        resolveId: (id) => (id === CONTRACT ? { id, moduleSideEffects: false } : null),
        load: (id) => (id === CONTRACT ? code : null),
      },
    ],
    onLog(level, log) {
      throw new Error(`${level}: ${log.message}`);
    },
  });
  for (const format of /** @type {const} */ (['esm', 'cjs'])) {
    const output = { dir: path.join(dist, format), entryFileNames: '[name].js', chunkFileNames: '[name].js' };
    const { output: files } = await client.write({ ...output, format, sourcemap: false });
    const outside = files.flatMap((file) =>
      file.type === 'chunk' ? file.imports.filter((name) => !name.endsWith('.js')) : [],
    );
    const modules = files.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
    writeFileSync(path.join(dist, 'THIRD-PARTY-LICENSES'), licencesOf(modules));
    if (outside.length > 0) throw new Error(`The client imports ${outside.join(', ')}`);
  }
  await client.close();
}

function putDeclarations() {
  for (const [file, text] of declarationsOf(ENTRIES.map((name) => `${name}.ts`))) {
    for (const format of ['esm', 'cjs']) {
      const target = path.join(dist, format, file);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
  }
}
