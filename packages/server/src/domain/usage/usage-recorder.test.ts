import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSuiteDatabase } from '../../storage/suites/open-suite-database.ts';
import {
  AT,
  aKey,
  aSecret,
  HELD,
  type SuiteDatabase,
  seedWorkspace,
} from '../../storage/suites/suite-database.ts';
import type { Key } from '../keys/key.ts';
import { BUCKET_MS } from './bucket.ts';
import { UsageRecorder } from './usage-recorder.ts';
import type { UsageCount, UsageStores } from './usage-store.ts';

const { minute: MINUTE, hour: HOUR } = BUCKET_MS;
const REASON = { step: 'minute', missing: [], cost: 1 } as const;

let database: SuiteDatabase;
let key: Key;
let uncounted: number[];

beforeEach(async () => {
  database = await openSuiteDatabase();
  key = await insertKey();
  uncounted = [];
});
afterEach(() => database.close());

async function insertKey(): Promise<Key> {
  const { workspace, owner } = await seedWorkspace(database);
  const made = aKey(workspace.id, owner);
  await database.storage.keys.insert(made, aSecret(`digest of ${made.id}`), HELD);
  return made;
}

function recorder(pendingMax?: number): UsageRecorder {
  return new UsageRecorder({
    unitOfWork: database.storage,
    onUncounted: (uses) => void uncounted.push(uses),
    ...(pendingMax !== undefined && { pendingMax }),
  });
}

async function counted(of = key): Promise<UsageCount[]> {
  const counts = await database.storage.usage.count(of.workspaceId, of.id, 'minute', AT, AT + HOUR);
  return counts.sort((a, b) => a.startsAt - b.startsAt || a.code.localeCompare(b.code));
}

async function lastUsedAt(): Promise<number | null | undefined> {
  return (await database.storage.keys.find(key.workspaceId, key.id))?.lastUsedAt;
}

describe('UsageRecorder', () => {
  test('counts verdicts by minute and code; a use is an allowed call or a call to the service, never a denial', async () => {
    const usage = recorder();
    for (let call = 0; call < 5; call++) usage.recordAllowed(key.id, AT + call, false);
    usage.recordDenied(key.id, 'RATE_LIMITED', AT + 10, REASON);
    usage.recordDenied(key.id, 'RATE_LIMITED', AT + 11, REASON);
    usage.recordAllowed(key.id, AT + MINUTE, false);
    usage.recordUse(key.id, AT + MINUTE + 5, false);
    usage.recordDenied(key.id, 'KEY_DISABLED', AT + MINUTE + 9, REASON);
    await usage.flush();
    expect(await counted()).toEqual([
      { startsAt: AT, code: 'RATE_LIMITED', count: 2 },
      { startsAt: AT, code: 'VALID', count: 5 },
      { startsAt: AT + MINUTE, code: 'KEY_DISABLED', count: 1 },
      { startsAt: AT + MINUTE, code: 'VALID', count: 1 },
    ]);
    expect(await lastUsedAt()).toBe(AT + MINUTE + 5);
    const refusals = await database.storage.usage.refusals(key.workspaceId, key.id);
    expect(refusals.map(({ at, code }) => [at - AT, code])).toEqual([
      [MINUTE + 9, 'KEY_DISABLED'],
      [10, 'RATE_LIMITED'],
    ]);
  });

  test('when the clock goes back, calls count in its minutes, and lastUsedAt does not go back', async () => {
    const usage = recorder();
    for (const at of [AT + MINUTE, AT + 5, AT + MINUTE + 1]) usage.recordAllowed(key.id, at, false);
    await usage.flush();
    usage.recordAllowed(key.id, AT + 7, false);
    await usage.flush();
    expect((await counted()).map(({ count }) => count)).toEqual([2, 2]);
    expect(await lastUsedAt()).toBe(AT + MINUTE + 1);
  });

  test('calls recorded during a flush are written by the next flush, none twice', async () => {
    const usage = recorder();
    usage.recordAllowed(key.id, AT, false);
    const flushed = usage.flush();
    usage.recordAllowed(key.id, AT, false);
    await flushed;
    expect(await counted()).toMatchObject([{ count: 1 }]);
    await usage.flush();
    await usage.flush();
    expect(await counted()).toMatchObject([{ count: 2 }]);
  });

  test('counts whose write failed are kept, merged with newer ones, and written once', async () => {
    const others = await Promise.all(Array.from({ length: 4 }, insertKey));
    let failAfter = 0;
    const unitOfWork = {
      async transact<T>(work: (stores: UsageStores) => Promise<T>): Promise<T> {
        if (failAfter-- === 0) throw new Error('the disk is full');
        return database.storage.transact(work);
      },
    };
    const usage = new UsageRecorder({ unitOfWork, onUncounted: (uses) => void uncounted.push(uses) });
    for (let id = 0; id < 3_000; id++) usage.recordAllowed(`key_${id}`, AT, false);
    for (const { id } of others) usage.recordAllowed(id, AT, false);
    failAfter = 10;
    await expect(usage.flush()).rejects.toThrow('the disk is full');
    for (const { id } of others) usage.recordAllowed(id, AT, false);
    failAfter = 0;
    await expect(usage.flush()).rejects.toThrow('the disk is full');
    for (const { id } of others) usage.recordDenied(id, 'RATE_LIMITED', AT, REASON);
    await usage.flush();
    for (const other of others) {
      expect((await counted(other)).map(({ code, count }) => [code, count])).toEqual([
        ['RATE_LIMITED', 1],
        ['VALID', 2],
      ]);
    }
    const total = await database.db
      .selectFrom('usage_counts')
      .select((expression) => expression.fn.sum<number>('count').as('count'))
      .where('code', '=', 'VALID')
      .executeTakeFirstOrThrow();
    expect(total.count).toBe(3_000 + 2 * others.length);
  });

  test('memory is bounded: at the maximum, keys with a tally still count; others do not and are reported', async () => {
    const usage = recorder(1_000);
    for (let id = 0; id < 1_500; id++) usage.recordAllowed(`key_${id}`, AT, false);
    usage.recordAllowed('key_0', AT, false);
    await usage.flush();
    expect(uncounted).toEqual([500]);
    usage.recordAllowed('key_1400', AT, false);
    await usage.flush();
    const rows = await database.db.selectFrom('usage_counts').selectAll().execute();
    expect(rows).toHaveLength(1_001);
    expect(rows.find(({ key_id }) => key_id === 'key_0')?.count).toBe(2);
    expect(uncounted).toEqual([500]);
  });
});
