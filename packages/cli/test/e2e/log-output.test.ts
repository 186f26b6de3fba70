import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from '../../../server/test/harness/free-port.ts';
import { DataFolder } from '../harness/data-folder.ts';
import { MAIN, spawnCli } from '../harness/spawn-cli.ts';

const serveArgs = (dataDir: string) => [
  'serve',
  '--data-dir',
  dataDir,
  '--port',
  '0',
  '--log-level',
  'debug',
];

/** Makes calls, each of which writes a line to the log, and expects the service to answer every one. */
async function expectAnswers(url: string, key: string, calls = 20): Promise<void> {
  for (let call = 0; call < calls; call++) {
    const answer = await fetch(`${url}/api/v2/me`, { headers: { authorization: `Bearer ${key}` } });
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
  }
}

describe('the service outlives its log', () => {
  test('whose reader on stdout goes away before the address is printed', async () => {
    const { path: dataDir, ownerKey: key } = await DataFolder.init();
    const port = String(await freePort());
    const service = spawnCli([...serveArgs(dataDir), '--port', port]);
    service.process.stdout?.destroy();
    await expectAnswers(await untilLive(port), key);
    expect(service.stderr).toContain('standard output cannot be written (EPIPE)');
    service.process.kill('SIGTERM');
    expect(await service.exited).toBe(0);
  });

  test('whose reader on stderr goes away', async () => {
    const { path: dataDir, ownerKey: key } = await DataFolder.init();
    const service = spawnCli(serveArgs(dataDir));
    const url = await service.url();
    service.process.stderr?.destroy();
    await expectAnswers(url, key);
    service.process.kill('SIGTERM');
    expect(await service.exited).toBe(0);
  });

  test.skipIf(process.platform !== 'linux').each([
    ['log', ['inherit', 'pipe', 'full']],
    ['answer', ['inherit', 'full', 'pipe']],
    ['log and answer', ['inherit', 'full', 'full']],
  ])('whose disk is full at the start: %s', async (_, kinds) => {
    const { path: dataDir, ownerKey: key } = await DataFolder.init();
    const full = openSync('/dev/full', 'w');
    const stdio = kinds.map((kind) => (kind === 'full' ? full : (kind as 'pipe')));
    const port = String(await freePort());
    const args = [MAIN, ...serveArgs(dataDir), '--port', port];
    const child = spawn(process.execPath, args, { env: { PATH: process.env.PATH }, stdio });
    onTestFinished(() => void child.kill('SIGKILL'));
    closeSync(full);
    await expectAnswers(await untilLive(port), key);
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(0);
  });

  test.skipIf(process.platform !== 'linux')(
    'and says how many lines were lost, on a line of its own, once lines can be written again',
    async () => {
      const { path: dataDir, ownerKey: key } = await DataFolder.init();
      const log = join(dataDir, 'log');
      const file = openSync(log, 'a');
      const child = spawn(process.execPath, [MAIN, ...serveArgs(dataDir)], {
        env: { PATH: process.env.PATH },
        stdio: ['ignore', 'pipe', file],
      });
      closeSync(file);
      onTestFinished(() => void child.kill('SIGKILL'));
      let stdout = '';
      child.stdout?.on('data', (chunk) => {
        stdout += chunk;
      });
      const url = await vi.waitFor(() => {
        const [, found] = /listening on (http:\S+)/.exec(stdout) ?? [];
        expect(found).toBeDefined();
        return String(found);
      }, 20_000);
      // Beyond its limit no file of the process can grow, as on a disk without space.
      const limitFiles = (bytes: string) =>
        once(spawn('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:unlimited`]), 'exit');
      const written = () => readFileSync(log, 'utf8');
      await expectAnswers(url, key, 1);
      await vi.waitFor(() => expect(written()).toContain('"answered"'), 20_000);
      // Ends the next line in its middle.
      const whole = written().length;
      await limitFiles(String(whole + 10));
      // The lines of the last few calls may still wait to be written when the limit ends.
      await expectAnswers(url, key, 30);
      await limitFiles('unlimited');
      await expectAnswers(url, key, 1);
      const [torn, ...lines] = await vi.waitFor(() => {
        const later = written().slice(whole).trimEnd().split('\n');
        expect(later.some((line) => line.includes('"lost"'))).toBe(true);
        expect(later.at(-1)).toContain('"answered"');
        return later;
      }, 20_000);
      expect(torn).toHaveLength(10);
      const entries = lines.map((line) => JSON.parse(line) as { lost?: number; msg: string });
      const [loss, ...others] = entries.filter(({ lost }) => lost !== undefined);
      expect(others).toEqual([]);
      expect(loss?.lost).toBeGreaterThanOrEqual(20);
      expect(loss?.msg).toBe(`${loss?.lost} log lines were lost`);
    },
  );
});

/** The URL of the service at this port, once it answers. */
async function untilLive(port: string): Promise<string> {
  const url = `http://127.0.0.1:${port}`;
  await vi.waitFor(async () => expect((await fetch(`${url}/health/live`)).status).toBe(200), 20_000);
  return url;
}
