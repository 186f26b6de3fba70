import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { SlowestFirst } from './scripts/slowest-first.mjs';

/** Workspace packages are read from `src`, so that no test needs a build; only child processes run `dist`. */
const conditions = ['source', 'module', 'node', 'development|production'];
const externalConditions = ['source', 'node'];

/** Tests that need a server of PostgreSQL. The project of this name starts one for all of them. */
const POSTGRES = ['packages/*/src/**/*.postgres.test.ts', 'packages/*/test/**/*.postgres.test.ts'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions } },
  test: {
    // A worker imports a module once, for all its files. No test file changes a module's state for the next one.
    isolate: false,
    // One more than processors, because many tests wait for another process. By default, vitest would leave one unused.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: SlowestFirst },
    // The identity provider of the tests says with every start that it is for tests.
    onConsoleLog: (log) => !log.startsWith('oidc-provider '),
    // A bound for what hangs, not for what is slow on a busy machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'bench/report/*.test.mjs'],
          exclude: POSTGRES,
        },
      },
      { extends: true, test: { name: 'parity', include: ['packages/*/test/parity/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['packages/*/test/e2e/**/*.test.ts'],
          exclude: POSTGRES,
        },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: POSTGRES,
          globalSetup: 'packages/server/test/harness/postgres-server.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'proof',
          include: ['packages/*/test/proof/**/*.test.ts'],
          testTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          include: ['packages/*/test/lab/**/*.test.ts'],
          testTimeout: 600_000,
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/*.suite.ts', '**/suites/**'],
      thresholds: { lines: 85 },
    },
  },
});
