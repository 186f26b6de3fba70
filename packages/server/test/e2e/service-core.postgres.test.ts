import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPostgresDatabase, type PostgresDatabase } from '../harness/postgres-database.ts';
import { runCli, serviceCore } from '../harness/service-core.ts';
import { launchService } from '../harness/service-process.ts';

describe('over PostgreSQL', () =>
  serviceCore(async () => {
    const { url, drop } = await createPostgresDatabase(null);
    return { env: { DATABASE_URL: url }, close: drop };
  }));

describe('a service over PostgreSQL', () => {
  let database: PostgresDatabase;
  let folder: string;

  beforeAll(async () => {
    database = await createPostgresDatabase(null);
    folder = mkdtempSync(path.join(tmpdir(), 'latchkey-postgres-'));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await database.drop();
  });

  function run(command: string, ...args: string[]): Promise<string> {
    const env = { DATABASE_URL: database.url, LATCHKEY_DATA_DIR: path.join(folder, 'one') };
    return runCli([command, ...args], env);
  }

  test('is set up once by instances that start together with one pepper file', async () => {
    const env = { DATABASE_URL: database.url, LATCHKEY_PEPPER_FILE: path.join(folder, 'one', 'pepper') };
    const instances = ['one', 'two', 'three'].map((name) =>
      launchService({ dataDir: path.join(folder, name), init: true, env }),
    );
    await Promise.all(instances.map(({ ready }) => ready));
    const keys = instances.filter(({ output }) => /lk_live_\w{20}/.test(output));
    expect(keys).toHaveLength(1);
    for (const instance of instances) await instance.kill();
  });

  test('has no backups of its own: the commands name the tools of PostgreSQL', async () => {
    for (const command of ['backup', 'restore'])
      await expect(run(command, path.join(folder, 'file'))).rejects.toThrow('pg_dump');
  });

  test('is found sound by doctor, which never shows the password', async () => {
    const report = await run('doctor');
    expect(report).toContain('sound, and in use by a workspace');
    expect(report).not.toContain(new URL(database.url).password);
  });
});
