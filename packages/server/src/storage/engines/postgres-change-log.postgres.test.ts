import { setTimeout as pause } from 'node:timers/promises';
import { BUILT_IN_CATALOGUE } from '@latchkey/contract';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPostgresDatabase, type PostgresDatabase } from '../../../test/harness/postgres-database.ts';
import type { Invalidation } from '../../domain/shared/change-feed.ts';
import { Keyring } from '../../domain/shared/keyring.ts';
import { loadPermissionSets } from '../permission-sets/permission-sets.ts';
import { Storage } from '../storage.ts';
import { type SuiteDatabase, seedWorkspace } from '../suites/suite-database.ts';
import type { Tables } from '../tables.ts';
import type { ChangeLog, Database } from './engine.ts';
import { postgres } from './postgres.ts';

const WRITERS = 8;
const CHANGES_EACH = 40;

let created: PostgresDatabase;
let writer: Database;
let reader: Database;

beforeAll(async () => {
  created = await createPostgresDatabase();
  writer = await postgres.open(created.url);
  reader = await postgres.open(created.url);
});
afterAll(async () => {
  await writer.close();
  await reader.close();
  await created.drop();
});

const logOf = ({ changeLog }: Database) => changeLog as ChangeLog;

function record(db: Kysely<Tables>, keyId: string): Promise<void> {
  return logOf(writer).record(db, [{ kind: 'key', keyId }]);
}

test('a poll has every change of each kind that was committed since the one before', async () => {
  const { snapshot } = await logOf(reader).since(null);
  const changes: Invalidation[] = [
    { kind: 'key', keyId: 'key_1' },
    { kind: 'secret', digest: 'digest' },
    { kind: 'member', workspaceId: 'ws_1', userId: 'usr_1' },
    { kind: 'workspace', workspaceId: 'ws_1' },
    { kind: 'everything' },
  ];
  await writer.transact((db) => logOf(writer).record(db, changes));
  const next = await logOf(reader).since(snapshot);
  expect(new Set(next.changes)).toEqual(new Set(changes));
  expect((await logOf(reader).since(next.snapshot)).changes).toEqual([]);
});

test('polls have each committed change once, none that was rolled back, whatever transactions stay open', async () => {
  const { snapshot: start } = await logOf(reader).since(null);
  const stranger = await openStranger();
  const committed: string[] = [];
  const found: string[] = [];
  let isOver = false;
  const polling = (async () => {
    for (let snapshot = start, isLast = false; !isLast; ) {
      isLast = isOver;
      const next = await logOf(reader).since(snapshot);
      for (const change of next.changes) if (change.kind === 'key') found.push(change.keyId);
      snapshot = next.snapshot;
    }
  })();
  const writing = Array.from({ length: WRITERS }, async (_, index) => {
    for (let round = 0; round < CHANGES_EACH; round++) {
      const keyId = `${index}-${round}`;
      const isRolledBack = round % 10 === 5;
      const work = writer.transact(async (db) => {
        await record(db, keyId);
        if (round % 13 === index) await pause(60);
        if (isRolledBack) throw new Error('rolled back');
      });
      await work.then(
        () => committed.push(keyId),
        () => {},
      );
    }
  });
  await Promise.all(writing);
  isOver = true;
  await polling;
  await stranger.end();
  expect(committed).toHaveLength(WRITERS * CHANGES_EACH * 0.9);
  expect(found.toSorted()).toEqual(committed.toSorted());
});

/** A transaction of another program, which writes and stays open. */
async function openStranger(): Promise<{ end(): Promise<void> }> {
  let release = () => {};
  const open = new Promise<void>((resolve) => {
    release = resolve;
  });
  let begun = () => {};
  const hasBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const ended = reader.db.transaction().execute(async (transaction) => {
    await sql`create table of_a_stranger (id int)`.execute(transaction);
    begun();
    await open;
  });
  await hasBegun;
  return {
    async end() {
      release();
      await ended;
    },
  };
}

test('the changes of a unit of work are in the log if and only if it was committed', async () => {
  const keyring = new Keyring(Buffer.alloc(32, 3));
  const storage = new Storage(writer, keyring, await loadPermissionSets(writer.db, BUILT_IN_CATALOGUE));
  const { workspace } = await seedWorkspace({ storage } as SuiteDatabase);
  const { snapshot } = await logOf(reader).since(null);
  const suspend = (end: () => void) =>
    storage.transact(async ({ workspaces }) => {
      await workspaces.update({ ...workspace, suspendedAt: 1 });
      end();
    });
  await suspend(() => {
    throw new Error('fails');
  }).catch(() => {});
  expect((await logOf(reader).since(snapshot)).changes).toEqual([]);
  await suspend(() => {});
  const { changes } = await logOf(reader).since(snapshot);
  expect(changes).toEqual([{ kind: 'workspace', workspaceId: workspace.id }]);
});

test('rows older than an hour are deleted, and no newer ones', async () => {
  await sql`update invalidations set created_at = created_at - 3600000 where subject = 'key_1'`.execute(
    writer.db,
  );
  const count = async () => (await writer.db.selectFrom('invalidations').selectAll().execute()).length;
  const before = await count();
  await logOf(writer).purge();
  expect(await count()).toBe(before - 1);
});
