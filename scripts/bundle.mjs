/**
 * Builds the program `latchkey` from its sources: packages/cli/dist, a few files with all packages in them but those
 * that hold machine code. A start then reads and compiles some ten files in place of more than a thousand. It
 * promises that the folder holds nothing else but the dashboard, the files of Swagger UI, and the licence texts of every package that went in.
 *
 *   node scripts/bundle.mjs
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { putDashboard } from './dashboard-files.mjs';
import { licencesOf } from './licences.mjs';
import { root } from './run.mjs';
import { putSwaggerUi, SWAGGER_UI } from './swagger-ui.mjs';

const folder = path.join(root, 'packages', 'cli', 'dist');

const bundle = await rolldown({
  input: {
    main: path.join(root, 'packages/cli/src/main.ts'),
    // The database threads run this file, and expect it in the folder of the program.
    worker: path.join(root, 'packages/server/src/storage/engines/sqlite/worker.mjs'),
  },
  platform: 'node',
  external: ['@photostructure/sqlite'],
  // Which of `import` and `require` holds is each import's own: a package that serves both would be taken in the wrong form.
  resolve: { conditionNames: ['source', 'node', 'default'] },
  checks: { circularDependency: false },
  onLog(level, log) {
    throw new Error(`${level}: ${log.message}`);
  },
});
const { output } = await bundle.write({
  dir: folder,
  cleanDir: true,
  format: 'esm',
  sourcemap: true,
  entryFileNames: ({ name }) => (name === 'worker' ? 'worker.mjs' : '[name].js'),
  chunkFileNames: '[name].js',
});
await bundle.close();
const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
putSwaggerUi(folder);
putDashboard(folder);
writeFileSync(path.join(folder, 'THIRD-PARTY-LICENSES'), licencesOf([...modules, SWAGGER_UI]));
