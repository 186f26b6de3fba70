import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LiveService, startLiveService } from '../../../test/harness/live-service.ts';
import { runCli } from '../../../test/harness/run-cli.ts';
import { temporaryFolder } from '../../../test/harness/temporary-folder.ts';

let service: LiveService;
beforeAll(async () => {
  service = await startLiveService();
});
afterAll(() => service.close());

const system = (...args: string[]) => runCli(['system', ...args], { env: {} });

test('system shows the state of the running service without a key, with the details of each instance', async () => {
  const { stdout, exitCode } = await system('--data-dir', service.dataDir, '--json');
  expect(exitCode).toBe(0);
  const details = { cachedKeys: expect.any(Number), lagMs: 0, lastError: null };
  expect(JSON.parse(stdout).system).toMatchObject({ status: 'healthy', instances: [details] });
  const { stdout: text } = await system('--data-dir', service.dataDir);
  expect(text).toMatch(/^status +healthy\n/);
  expect(text).toMatch(/last error +none/);
});

test('system fails if no service runs with the data folder', async () => {
  const { exitCode, stderr } = await system('--data-dir', temporaryFolder());
  expect(exitCode).toBe(1);
  expect(stderr).toContain('no service runs with the data folder');
});
