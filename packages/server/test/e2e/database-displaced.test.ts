import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HttpClient } from '../harness/http-client.ts';
import {
  type FirstWorkspace,
  initDataDir,
  runInit,
  type ServiceProcess,
  startService,
} from '../harness/service-process.ts';

const KEYS = '/api/v2/api-keys';

let folder: string;
let dataDir: string;
let owner: FirstWorkspace;
let service: ServiceProcess;
let client: HttpClient;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-displaced-'));
  dataDir = join(folder, 'data');
  owner = await initDataDir(dataDir);
  service = await startService({ dataDir });
  client = new HttpClient(service.url);
});
afterEach(async () => {
  client.close();
  await service.kill();
  rmSync(folder, { recursive: true });
});

const file = (suffix = '') => join(dataDir, `latchkey.db${suffix}`);

async function createKey(to = client): Promise<{ id: string; key: string }> {
  const body = { name: 'key', userId: owner.userId };
  const { data } = (await to.call('POST', KEYS, { as: owner.key, body })).body;
  return { id: data.result.apiKey.id, key: data.result.key };
}

/** The status of a change; `ended` when the service has already exited. */
async function revoke(id: string): Promise<string> {
  try {
    const { status, body } = await client.call('DELETE', `${KEYS}/${id}`, { as: owner.key });
    return status === 200 ? 'done' : body.data.error.code;
  } catch {
    return 'ended';
  }
}

const NOT_ACKNOWLEDGED = /^(UNAVAILABLE|COMMIT_UNCONFIRMED|ended)$/;

describe('a running service whose database file is removed or replaced', () => {
  test.each<[string, string, () => void]>([
    ['the database is removed', '', () => rmSync(file())],
    ['the database is replaced by a copy', '', () => replaceByCopy(file())],
    ['its log is removed', '-wal', () => rmSync(file('-wal'))],
    ['its lock is removed', '.lock', () => rmSync(file('.lock'))],
    ['the folder is moved', '', () => renameSync(dataDir, join(folder, 'elsewhere'))],
  ])('acknowledges no change from then on, says which file, and ends: %s', async (_, suffix, displace) => {
    const { id } = await createKey();
    displace();
    expect(await revoke(id)).toMatch(NOT_ACKNOWLEDGED);
    expect(await service.ended()).toBe(1);
    expect(service.output).toContain(`error: the file ${file(suffix)} was removed or replaced`);
  });

  test('does not change the files that replaced its own', async () => {
    await createKey();
    const other = join(folder, 'other');
    const otherOwner = await runInit(other);
    const second = await startService({ dataDir: other });
    const otherClient = new HttpClient(second.url);
    const as = otherOwner.key;
    await otherClient.call('POST', KEYS, { as, body: { name: 'key', userId: otherOwner.userId } });
    otherClient.close();
    await second.kill();
    const contents = () => ['', '-wal'].map((suffix) => readFileSync(file(suffix), 'base64'));
    for (const suffix of ['', '-wal']) renameSync(join(other, `latchkey.db${suffix}`), file(suffix));
    const before = contents();
    expect(await service.ended()).toBe(1);
    expect(contents()).toEqual(before);
  });

  test('a second service that starts after the lock was removed denies a key whose revocation the first has acknowledged', async () => {
    const keys = await Promise.all(Array.from({ length: 40 }, () => createKey()));
    rmSync(file('.lock'));
    const starting = startService({ dataDir });
    const outcomes: [string, string][] = [];
    for (const { id, key } of keys) outcomes.push([key, await revoke(id)]);
    const second = await starting;
    const secondClient = new HttpClient(second.url);
    try {
      for (const [key, outcome] of outcomes) {
        if (outcome !== 'done') continue;
        const { body } = await secondClient.call('POST', `${KEYS}/verify`, { as: owner.key, body: { key } });
        expect(body.data.result.code).toBe('KEY_REVOKED');
      }
      expect(outcomes.map(([, outcome]) => outcome)).not.toContain('done');
      expect(await service.ended()).toBe(1);
    } finally {
      secondClient.close();
      await second.kill();
    }
  });
});

function replaceByCopy(path: string): void {
  copyFileSync(path, `${path}.copy`);
  renameSync(`${path}.copy`, path);
}
