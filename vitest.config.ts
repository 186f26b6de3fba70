import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { SlowestFirst } from './scripts/slowest-first.mjs';

/**
 * Workspace packages are read from `src`, so that no test needs a build; only child processes run `dist`. Without `module`, for
 * which OpenTelemetry has files that Node cannot load.
 */
const conditions = ['source', 'node', 'development|production'];
const externalConditions = ['source', 'node'];

/** The test files of each project. Those of `postgres` need a server of PostgreSQL, which their project starts, and are in no other. */
export const FILES = {
  unit: ['packages/*/src/**/*.test.ts', 'bench/report/*.test.mjs'],
  parity: ['packages/*/test/parity/**/*.test.ts'],
  e2e: ['packages/*/test/e2e/**/*.test.ts'],
  postgres: ['packages/*/src/**/*.postgres.test.ts', 'packages/*/test/**/*.postgres.test.ts'],
  proof: ['packages/*/test/proof/**/*.test.ts'],
  lab: ['packages/*/test/lab/**/*.test.ts'],
};

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
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: FILES.unit,
          exclude: FILES.postgres,
        },
      },
      { extends: true, test: { name: 'parity', include: FILES.parity } },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: FILES.e2e,
          exclude: FILES.postgres,
        },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: FILES.postgres,
          globalSetup: 'packages/server/test/harness/postgres-server.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'proof',
          include: FILES.proof,
          testTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          include: FILES.lab,
          testTimeout: 600_000,
          globalSetup: 'packages/server/test/harness/postgres-server.ts',
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
