import { defineConfig } from 'vitest/config';
import separate, { FILES } from './vitest.config.ts';

const { projects: _, ...common } = separate.test ?? {};

/**
 * All tests but the labs as one project, for `npm test`: a worker then imports the service once for all its files, in place of
 * once for each project.
 */
export default defineConfig({
  ...separate,
  test: {
    ...common,
    include: [...FILES.unit, ...FILES.parity, ...FILES.e2e, ...FILES.postgres, ...FILES.proof],
    testTimeout: 180_000,
    globalSetup: 'packages/server/test/harness/postgres-server.ts',
  },
});
