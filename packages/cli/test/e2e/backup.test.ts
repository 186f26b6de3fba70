import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DataFolder } from '../harness/data-folder.ts';
import { runCli } from '../harness/run-cli.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';

const outside = (name = 'backup.db') => join(temporaryFolder(), name);
const mode = (path: string) => statSync(path).mode & 0o777;

/** A folder into which the backup was restored, with the pepper put beside it as its docs say. */
async function restored(data: DataFolder, file: string, ...args: string[]): Promise<DataFolder> {
  const folder = data.at(join(temporaryFolder(), 'restored'));
  mkdirSync(folder.path);
  writeFileSync(folder.file('pepper'), readFileSync(data.file('pepper')), { mode: 0o600 });
  expect(await folder.run('restore', file, ...args)).toMatchObject({ exitCode: 0 });
  return folder;
}

/** What the folder holds, byte for byte, as digests. */
function contents(folder: string): Record<string, string> {
  const digest = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
  return Object.fromEntries(readdirSync(folder).map((name) => [name, digest(name)]));
}

describe('latchkey backup', () => {
  test('has all that a running service had acknowledged, and no key alive that was revoked', async () => {
    const data = await DataFolder.init();
    const service = await data.serve();
    const [kept, revoked] = [await service.createKey(), await service.createKey()];
    await service.api.keys.revoke(revoked.id);
    const file = outside();
    const { exitCode, stdout, stderr } = await data.run('backup', file);
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(
        /^Wrote .+ kB\), the state of .+Z:\n3 keys, 1 member, 1 workspace; checked\.\n$/,
      ),
    });
    expect(stderr).toContain(`Keep a copy of ${data.file('pepper')} elsewhere`);
    expect(mode(file)).toBe(0o600);
    const copy = await (await restored(data, file)).serve();
    expect(await copy.alive([kept.key, revoked.key])).toEqual([kept.key]);
  });

  test.each<NodeJS.Signals>(['SIGTERM', 'SIGKILL'])(
    'has all of it after the service has ended by %s',
    async (signal) => {
      const data = await DataFolder.init();
      const service = await data.serve();
      const { key } = await service.createKey();
      await service.stop(signal);
      const file = outside();
      expect(await data.run('backup', file)).toMatchObject({ exitCode: 0 });
      const copy = await (await restored(data, file)).serveHere();
      expect(await copy.alive([key])).toEqual([key]);
    },
  );

  test('replaces a file only with --force, and a file of the database never', async () => {
    const data = await DataFolder.init();
    const file = outside();
    writeFileSync(file, 'precious');
    const denied = await data.run('backup', file);
    expect(denied).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^error: .+ Add --force .+\n$/),
    });
    expect(readFileSync(file, 'utf8')).toBe('precious');
    expect(await data.run('backup', file, '--force')).toMatchObject({ exitCode: 0 });
    expect(mode(file)).toBe(0o600);
    for (const name of ['latchkey.db', 'latchkey.db-wal', 'latchkey.db.lock', 'latchkey.db.head', 'pepper']) {
      const before = contents(data.path);
      expect(await data.runHere('backup', data.file(name), '--force')).toMatchObject({ exitCode: 1 });
      expect(contents(data.path)).toEqual(before);
    }
  });

  test('writes nothing where there is no database, and leaves nothing behind where it is damaged', async () => {
    const data = await DataFolder.init();
    const file = outside();
    const nowhere = data.at(join(temporaryFolder(), 'nowhere'));
    expect(await nowhere.runHere('backup', file)).toMatchObject({
      exitCode: 1,
      stderr: `error: there is no database at ${nowhere.file()} to back up\n`,
    });
    expect(existsSync(nowhere.path)).toBe(false);
    truncateSync(data.file(), statSync(data.file()).size - 40_960);
    expect(await data.runHere('backup', file)).toMatchObject({ exitCode: 1 });
    expect(readdirSync(join(file, '..'))).toEqual([]);
  });

  test('answers in one line of JSON', async () => {
    const data = await DataFolder.init();
    const file = outside();
    const { stdout } = await data.run('backup', file, '--json');
    expect(JSON.parse(stdout)).toEqual({
      file,
      bytes: statSync(file).size,
      madeAt: expect.stringMatching(/^\d{4}-.+Z$/),
      hasPepper: false,
      workspaces: 1,
      members: 1,
      keys: 1,
      auditEntries: 2,
      lastChangeAt: expect.stringMatching(/Z$/),
    });
  });
});

describe('the pepper', () => {
  test('is in the backup only with --with-pepper, and then restored for its owner only', async () => {
    const data = await DataFolder.init();
    const pepper = readFileSync(data.file('pepper'), 'utf8').trim();
    const [without, withIt] = [outside(), outside()];
    await data.runHere('backup', without);
    await data.run('backup', withIt, '--with-pepper');
    expect(readFileSync(without).includes(pepper)).toBe(false);
    const folder = data.at(join(temporaryFolder(), 'data'));
    expect(await folder.run('restore', withIt)).toMatchObject({ exitCode: 0 });
    expect(readFileSync(folder.file('pepper'), 'utf8').trim()).toBe(pepper);
    expect(mode(folder.file('pepper'))).toBe(0o600);
    expect(readFileSync(folder.file()).includes(pepper)).toBe(false);
    const copy = await folder.serveHere();
    expect(await copy.alive([data.ownerKey])).toEqual([data.ownerKey]);
  });

  test('is asked for where it is not in the backup, and denied where it is another one', async () => {
    const data = await DataFolder.init();
    const file = outside();
    await data.runHere('backup', file);
    const empty = data.at(join(temporaryFolder(), 'data'));
    expect(await empty.runHere('restore', file)).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining(`not at ${empty.file('pepper')}. Put it there before you start`),
    });
    const other = await DataFolder.initOther();
    const before = contents(other.path);
    const denied = await other.runHere('restore', file, '--force');
    expect(denied).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^error: .+another pepper.+\n$/),
    });
    expect(contents(other.path)).toEqual(before);
  });
});

describe('latchkey restore', () => {
  test('replaces a database only with --force, moves it aside, and says from when the backup is', async () => {
    const data = await DataFolder.init();
    const file = outside();
    const { madeAt } = JSON.parse((await data.runHere('backup', file, '--json')).stdout);
    const service = await data.serve();
    const { key } = await service.createKey();
    expect(await data.run('restore', file, '--force')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('another process is using'),
    });
    await service.stop();
    const before = contents(data.path);
    expect(await data.run('restore', file)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('Add --force to move it aside'),
    });
    expect(contents(data.path)).toEqual(before);
    const { exitCode, stdout } = await data.run('restore', file, '--force');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`from the backup of ${madeAt}.\n1 key, 1 member, 1 workspace`);
    const after = await data.serveHere();
    expect(await after.alive([key, data.ownerKey])).toEqual([data.ownerKey]);
    const [, moved = ''] = /before is now (\S+)\./.exec(stdout) ?? [];
    const old = data.at(join(temporaryFolder(), 'old'));
    mkdirSync(old.path);
    writeFileSync(old.file(), readFileSync(moved));
    for (const [from, to] of [
      [`${moved}.head`, 'latchkey.db.head'],
      [data.file('pepper'), 'pepper'],
    ] as const)
      writeFileSync(old.file(to), readFileSync(from), { mode: 0o600 });
    expect(await (await old.serveHere()).alive([key])).toEqual([key]);
  });

  test('changes nothing where the file is not a sound backup', async () => {
    const data = await DataFolder.init();
    const [text, damaged] = [outside(), outside()];
    writeFileSync(text, 'not a database');
    await data.runHere('backup', damaged);
    const before = contents(data.path);
    truncateSync(damaged, statSync(damaged).size - 40_960);
    for (const file of [text, damaged, outside('missing.db')]) {
      const { exitCode, stderr } = await data.runHere('restore', file, '--force');
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringMatching(/^error: .+\n$/) });
      expect(stderr).toContain(file);
      expect(contents(data.path)).toEqual(before);
    }
  });

  test('lists the keys that a newer audit export says were revoked, with the command, and revokes them with --revoke-again', async () => {
    const data = await DataFolder.init();
    const service = await data.serve();
    const [before, after] = [await service.createKey(), await service.createKey()];
    await service.api.keys.revoke(before.id);
    const file = outside();
    await data.runHere('backup', file);
    await service.api.keys.revoke(after.id);
    const later = await service.createKey();
    await service.api.keys.revoke(later.id);
    const log = outside('audit.ndjson');
    const env = { LATCHKEY_URL: service.url, LATCHKEY_KEY: data.ownerKey };
    writeFileSync(log, (await runCli(['audit', 'export'], { env })).stdout);
    await service.stop();
    const listed = await data.run('restore', file, '--force', '--audit-export', log);
    expect(listed.stdout).toContain(`latchkey keys revoke ${after.id} --reason`);
    expect(listed.stdout).not.toContain(before.id);
    expect(listed.stdout).not.toContain(later.id);
    const folder = await restored(data, file, '--audit-export', log, '--revoke-again');
    const copy = await folder.serveHere();
    expect(await copy.alive([before.key, after.key, data.ownerKey])).toEqual([data.ownerKey]);
  });

  test('denies an audit export of another service, or one that was tampered with', async () => {
    const data = await DataFolder.init();
    const file = outside();
    await data.runHere('backup', file);
    const other = await DataFolder.initOther();
    const service = await other.serveHere();
    const log = outside('audit.ndjson');
    const env = { LATCHKEY_URL: service.url, LATCHKEY_KEY: other.ownerKey };
    const { stdout } = await runCli(['audit', 'export'], { env });
    writeFileSync(log, stdout.replace('Owner', 'Other'));
    const before = contents(data.path);
    const tampered = await data.runHere('restore', file, '--force', '--audit-export', log);
    expect(tampered).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('not an intact export') });
    expect(contents(data.path)).toEqual(before);
    writeFileSync(log, stdout);
    const foreign = await data.runHere('restore', file, '--force', '--audit-export', log);
    expect(foreign).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('does not continue') });
    expect(contents(data.path)).toEqual(before);
  });
});
