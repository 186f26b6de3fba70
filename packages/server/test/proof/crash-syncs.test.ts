import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runInit } from '../harness/service-process.ts';
import { syncsOfConcurrentChanges } from './crash/concurrent-syncs.ts';
import { cannotTrace, countSyncs, type SyncCount, tracer } from './crash/sync-count.ts';

const CHANGES = 100;
const WITHOUT_SYNCS = new URL('crash/without-syncs.preload.mjs', import.meta.url).href;

const reason = cannotTrace();
const folder = mkdtempSync(join(tmpdir(), 'latchkey-syncs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test(`${CHANGES} acknowledged changes: each is on the disk before it is acknowledged`, async (context) => {
  context.skip(reason !== null, reason ?? '');
  const count = await countSyncs(join(folder, 'sound'), CHANGES);
  process.stdout.write(`sync proof: ${count.syncedAt.length} syncs for ${CHANGES} acknowledged changes\n`);
  expect(count.acknowledgedAt).toHaveLength(CHANGES);
  expect(acknowledgedTooEarly(count)).toEqual([]);
});

test('the harness detects a service that acknowledges changes which are not on the disk', async (context) => {
  context.skip(reason !== null, reason ?? '');
  const count = await countSyncs(join(folder, 'unsound'), CHANGES, WITHOUT_SYNCS);
  expect(count.acknowledgedAt).toHaveLength(CHANGES);
  expect(count.syncedAt.length).toBeLessThan(CHANGES);
  expect(acknowledgedTooEarly(count).length).toBeGreaterThan(CHANGES / 2);
});

test(`${CHANGES} concurrent changes share syncs, and each is on the disk before it is acknowledged`, async (context) => {
  context.skip(reason !== null, reason ?? '');
  const { changes, syncs } = await syncsOfConcurrentChanges(join(folder, 'together'), CHANGES);
  process.stdout.write(`sync proof: ${syncs} syncs for ${CHANGES} changes at the same time\n`);
  expect(changes).toHaveLength(CHANGES);
  expect(changes.filter(({ syncedAt, acknowledgedAt }) => syncedAt > acknowledgedAt + 1)).toEqual([]);
  expect(syncs).toBeLessThan(CHANGES / 4);
});

test('the harness detects concurrent changes that are acknowledged before they are on the disk', async (context) => {
  context.skip(reason !== null, reason ?? '');
  const { changes } = await syncsOfConcurrentChanges(join(folder, 'untogether'), CHANGES, WITHOUT_SYNCS);
  expect(changes).toHaveLength(CHANGES);
  expect(
    changes.filter(({ syncedAt, acknowledgedAt }) => syncedAt > acknowledgedAt + 1).length,
  ).toBeGreaterThan(CHANGES / 2);
});

test('a new pepper is on the disk before it has its name, and its name before the database is created', async (context) => {
  context.skip(reason !== null, reason ?? '');
  const dataDir = join(folder, 'new');
  const log = `${dataDir}.strace`;
  await runInit(dataDir, {}, tracer(log, '-e', 'trace=fsync,link,linkat,openat'));
  const calls = readFileSync(log, 'utf8').split('\n');
  const order = [
    / fsync\(\d+<[^>]*\/pepper\.\w+\.new>/,
    / link(?:at)?\(.*\/pepper"/,
    / fsync\(\d+<[^>]*\/new>/,
    / openat\(.*\/latchkey\.db", .*O_CREAT/,
  ].map((call) => calls.findIndex((line) => call.test(line)));
  expect(order).not.toContain(-1);
  expect(order.toSorted((one, other) => one - other)).toEqual(order);
});

/** The numbers of the acknowledgements that came before as many syncs. */
function acknowledgedTooEarly({ acknowledgedAt, syncedAt }: SyncCount): number[] {
  return acknowledgedAt.flatMap((at, index) => {
    const synced = syncedAt[index];
    return synced !== undefined && synced <= at + 1 ? [] : [index];
  });
}
