import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { freePort } from '../../../server/test/harness/free-port.ts';
import { type SpawnedCli, spawnCli } from '../harness/spawn-cli.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Node announces an inspector on standard error once it is open, which takes it some milliseconds. */
async function expectNoInspector(cli: SpawnedCli, port: number): Promise<void> {
  for (let attempts = 0; attempts < 10; attempts++) {
    cli.process.kill('SIGUSR1');
    await sleep(50);
  }
  expect(cli.process.exitCode).toBeNull();
  expect(await isListening(port)).toBe(false);
  expect(cli.stderr).not.toContain('Debugger');
}

test('SIGUSR1 does not open an inspector of a running service, which goes on', async () => {
  const port = await freePort();
  const dataDir = join(temporaryFolder(), 'data');
  const env = { NODE_OPTIONS: `--inspect-port=${port}` };
  const service = spawnCli(['serve', '--init', '--data-dir', dataDir, '--port', '0'], env);
  const url = await service.url();
  await expectNoInspector(service, port);
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
});

test('SIGUSR1 does not open an inspector of a command that holds a key, which goes on', async () => {
  const port = await freePort();
  const server = createServer().listen(0, '127.0.0.1');
  const asked = new Promise((resolve) => server.once('connection', resolve));
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address() as AddressInfo;
  const env = {
    NODE_OPTIONS: `--inspect-port=${port}`,
    LATCHKEY_URL: `http://127.0.0.1:${address.port}`,
    LATCHKEY_KEY: 'lk_live_0000000000000000000000000000000000000000000000000',
  };
  try {
    const command = spawnCli(['keys', 'list'], env);
    await asked;
    await expectNoInspector(command, port);
  } finally {
    server.close();
  }
});
