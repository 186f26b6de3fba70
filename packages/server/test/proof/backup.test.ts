import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig, restore } from '../../src/index.ts';
import { HttpClient } from '../harness/http-client.ts';
import { Random, seedFrom } from '../harness/random.ts';
import { initDataDir, type ServiceProcess, startService } from '../harness/service-process.ts';
import { ChangingKeys } from './backup/changing-keys.ts';
import { findingsOf } from './backup/copy-findings.ts';
import { proofSize } from './sizes.ts';

const CYCLES = proofSize('BACKUP_CYCLES');
const CHANGES_PER_SECOND = 200;
/** The choices of a run follow from it; what is committed when a backup is made does not. */
const SEED = seedFrom('BACKUP_SEED');
const CLI = fileURLToPath(new URL('../../../cli/dist/main.js', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'latchkey-backup-'));
const dataDir = join(folder, 'data');
let service: ServiceProcess;
let client: HttpClient;
let keys: ChangingKeys;
let startedAt: number;

beforeAll(async () => {
  const owner = await initDataDir(dataDir);
  service = await startService({ dataDir });
  client = new HttpClient(service.url);
  keys = new ChangingKeys(client, owner, new Random(SEED));
  startedAt = performance.now();
  keys.start(CHANGES_PER_SECOND);
});
afterAll(async () => {
  await service.kill();
  client.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A folder with the pepper, as it is kept apart from the backups. */
function folderWithPepper(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  copyFileSync(join(dataDir, 'pepper'), join(path, 'pepper'));
  return path;
}

test(`${CYCLES} backups while ${CHANGES_PER_SECOND} changes a second run: each restored copy opens, has everything acknowledged before it was begun, and no revoked key alive`, {
  timeout: 60_000 + CYCLES * 30_000,
}, async () => {
  let [checked, lost, alive, changedMeanwhile] = [0, 0, 0, 0];
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    const acknowledged = keys.acknowledged();
    const before = keys.changes;
    const file = join(folder, `backup-${cycle}.db`);
    await promisify(execFile)(process.execPath, [CLI, 'backup', file, '--data-dir', dataDir]);
    changedMeanwhile += keys.changes - before;
    const copy = folderWithPepper(`copy-${cycle}`);
    const config = loadConfig({}, { dataDir: copy });
    await restore(config, { file });
    const findings = await findingsOf(config.databaseUrl, config.pepperFile, acknowledged, (id) =>
      keys.mayBeRevoked(id),
    );
    checked += acknowledged.created.size;
    lost += findings.lost;
    alive += findings.alive;
    rmSync(copy, { recursive: true });
    rmSync(file);
  }
  const rate = Math.round((keys.changes * 1_000) / (performance.now() - startedAt));
  process.stdout.write(
    `backup proof, seed ${SEED}: ${CYCLES} backups beside ${rate} changes a second (${changedMeanwhile} while they were made); ${checked} keys looked up in the copies; lost ${lost}, revoked but alive ${alive}\n`,
  );
  expect({ lost, alive }).toEqual({ lost: 0, alive: 0 });
  // A run in which nothing happened would prove nothing.
  expect(checked).toBeGreaterThan(CYCLES);
  expect(changedMeanwhile).toBeGreaterThan(CYCLES);
});

test('the harness notices that a plain copy of the file of a running service is not a backup', async () => {
  await expect.poll(() => keys.acknowledged().revoked.size, { timeout: 60_000 }).toBeGreaterThan(10);
  const copy = folderWithPepper('plain');
  const file = join(copy, 'latchkey.db');
  // A copy right after a checkpoint may be whole.
  const missingInCopy = async () => {
    const acknowledged = keys.acknowledged();
    copyFileSync(join(dataDir, 'latchkey.db'), file);
    const findings = await findingsOf(`file:${file}`, join(copy, 'pepper'), acknowledged, (id) =>
      keys.mayBeRevoked(id),
    );
    for (const name of readdirSync(copy).filter((each) => each !== 'pepper')) rmSync(join(copy, name));
    return findings.lost + findings.alive;
  };
  await expect.poll(missingInCopy, { timeout: 60_000, interval: 100 }).toBeGreaterThan(0);
  await keys.stop();
});
