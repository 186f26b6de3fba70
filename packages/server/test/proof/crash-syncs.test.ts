import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { syncsOfConcurrentChanges } from './crash/concurrent-syncs.ts';
import { cannotTrace, countSyncs, type SyncCount } from './crash/sync-count.ts';

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

/** The numbers of the acknowledgements that came before as many syncs. */
function acknowledgedTooEarly({ acknowledgedAt, syncedAt }: SyncCount): number[] {
  return acknowledgedAt.flatMap((at, index) => {
    const synced = syncedAt[index];
    return synced !== undefined && synced <= at + 1 ? [] : [index];
  });
}
