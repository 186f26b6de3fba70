import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LiveService, startLiveService } from '../../../test/harness/live-service.ts';
import { runCli } from '../../../test/harness/run-cli.ts';
import { temporaryFolder } from '../../../test/harness/temporary-folder.ts';

let service: LiveService;
beforeAll(async () => {
  service = await startLiveService();
});
afterAll(() => service.close());

test('prints only the link on standard output, and instructions on standard error', async () => {
  const { exitCode, stdout, stderr } = await runCli(['sign-in'], { env: service.env });
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/sign-in#lk_signin_\w{49}\n$/);
  expect(stderr).toBe('Open it in your browser within 15 minutes. It works once.\n');
});

test('--json prints the result and no instructions', async () => {
  const { stdout, stderr } = await runCli(['sign-in', '--json'], { env: service.env });
  expect(JSON.parse(stdout)).toEqual({
    signInLink: {
      id: expect.stringMatching(/^link_/),
      url: expect.stringContaining('/sign-in#'),
      expiresAt: expect.stringMatching(/Z$/),
      userId: service.userId,
    },
  });
  expect(stderr).toBe('');
});

test('uses the key of the stored default profile where no other key is given', async () => {
  const env = { XDG_CONFIG_HOME: temporaryFolder() };
  const { LATCHKEY_URL: url = '', LATCHKEY_KEY: key = '' } = service.env;
  await runCli(['login', '--url', url], { env, stdin: key });
  const { stdout, stderr } = await runCli(['sign-in', '--json'], { env });
  expect(JSON.parse(stdout || stderr)).toMatchObject({ signInLink: { userId: service.userId } });
});

test('a key with fewer permissions than its owner is denied in one line, with a hint to sign in without a key', async () => {
  const made = await runCli(['keys', 'create', '--name', 'Weak', '--no-permissions', '--json'], {
    env: service.env,
  });
  const env = { ...service.env, LATCHKEY_KEY: JSON.parse(made.stdout).key };
  const { exitCode, stdout, stderr } = await runCli(['sign-in'], { env });
  expect([exitCode, stdout]).toEqual([3, '']);
  expect(stderr).toMatch(
    /^error: Only a key that holds all that its owner may do .*\n {2}request \S+\nhint: .*sign-in --data-dir .*\n$/,
  );
});
