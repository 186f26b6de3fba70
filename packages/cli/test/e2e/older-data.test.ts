import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { DataFolder } from '../harness/data-folder.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';

/** The exit code and the one line of a start that is denied. */
async function denial(data: DataFolder): Promise<string> {
  const { exitCode, stderr } = await data.run('serve', '--port', '0');
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^error: .+\n$/);
  expect(stderr).toContain('start once with `latchkey serve --accept-older-data`');
  return stderr;
}

/** Copies these files into a new folder. */
function copied(data: DataFolder, ...names: string[]): DataFolder {
  const copy = data.at(join(temporaryFolder(), 'copy'));
  mkdirSync(copy.path);
  for (const name of names) copyFileSync(data.file(name), copy.file(name));
  return copy;
}

describe('a database that is older than what was acknowledged last', () => {
  test('is denied at the start and by doctor, until it is accepted once', async () => {
    const data = await DataFolder.init();
    const old = copied(data, 'latchkey.db');
    const service = await data.serve();
    const { id } = await service.createKey();
    await service.api.keys.revoke(id);
    await service.stop();
    copyFileSync(old.file(), data.file());
    expect(await denial(data)).toContain('is older than the last change that the service acknowledged');
    expect(readFileSync(data.file()).equals(readFileSync(old.file()))).toBe(true);
    expect(await data.run('doctor')).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('is older than the last change that the service acknowledged'),
    });
    await (await data.serve(['--accept-older-data'])).stop();
    await (await data.serve()).stop();
    expect(await data.run('doctor')).toMatchObject({ exitCode: 0 });
  });

  test('is denied too after the service was killed a second after its last change', async () => {
    const data = await DataFolder.init();
    const old = copied(data, 'latchkey.db');
    const service = await data.serve();
    const head = readFileSync(data.file('latchkey.db.head'), 'utf8');
    await service.createKey();
    await vi.waitFor(
      () => expect(readFileSync(data.file('latchkey.db.head'), 'utf8')).not.toBe(head),
      20_000,
    );
    await service.stop('SIGKILL');
    rmSync(data.file('latchkey.db-wal'));
    copyFileSync(old.file(), data.file());
    await denial(data);
  });

  test('is denied where the file alone was copied from under a running service', async () => {
    const data = await DataFolder.init();
    const service = await data.serve();
    await service.createKey();
    const copy = copied(data, 'latchkey.db', 'pepper');
    expect(await denial(copy)).toContain(`was copied here without ${copy.file('latchkey.db.head')}`);
    expect(await copy.run('doctor')).toMatchObject({ exitCode: 1 });
  });
});

describe('a database that is whole', () => {
  test('starts from a copy of the whole folder of a stopped service', async () => {
    const data = await DataFolder.init();
    const service = await data.serve();
    const { key } = await service.createKey();
    await service.stop();
    const copy = data.at(join(temporaryFolder(), 'copy'));
    cpSync(data.path, copy.path, { recursive: true });
    expect(await (await copy.serve()).alive([key])).toEqual([key]);
  });

  test('has in its file alone every change, soon after the service is idle', async () => {
    const data = await DataFolder.init();
    const service = await data.serve();
    const { key } = await service.createKey();
    await vi.waitFor(
      async () => {
        const copy = copied(data, 'latchkey.db', 'latchkey.db.head', 'pepper');
        const copyService = await copy.serve();
        const alive = await copyService.alive([key]);
        await copyService.stop();
        expect(alive).toEqual([key]);
      },
      { timeout: 50_000, interval: 2_000 },
    );
    expect(readdirSync(data.path)).toContain('latchkey.db-wal');
  });
});
