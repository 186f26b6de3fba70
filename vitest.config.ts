import { defineConfig } from 'vitest/config';

/** Workspace packages are read from `src`, so that no test needs a build; only child processes run `dist`. */
const conditions = ['source', 'module', 'node', 'development|production'];
const externalConditions = ['source', 'node'];

/** Tests that start processes or repeat much work: they have time, and run after the others. */
const slow = { testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions } },
  test: {
    // The identity provider of the tests says with every start that it is for tests.
    onConsoleLog: (log) => !log.startsWith('oidc-provider '),
    // A bound for what hangs, not for what is slow on a busy machine.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'unit', include: ['packages/*/src/**/*.test.ts'] } },
      { extends: true, test: { name: 'parity', include: ['packages/*/test/parity/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['packages/*/test/e2e/**/*.test.ts'],
          ...slow,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'proof',
          include: ['packages/*/test/proof/**/*.test.ts'],
          ...slow,
          testTimeout: 180_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
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
