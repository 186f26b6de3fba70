import { BUILT_IN_CATALOGUE } from '@latchkey/contract';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DatabaseProxy, startDatabaseProxy } from '../../../test/harness/database-proxy.ts';
import { createPostgresDatabase, type PostgresDatabase } from '../../../test/harness/postgres-database.ts';
import { denialOf } from '../../domain/audit/entry.ts';
import { appendEntry } from '../../domain/audit/record-change.ts';
import { NO_CLIENT } from '../../domain/shared/caller.ts';
import { Keyring } from '../../domain/shared/keyring.ts';
import { openStorage } from '../open-storage.ts';
import { loadPermissionSets } from '../permission-sets/permission-sets.ts';
import { Storage } from '../storage.ts';
import type { Stores } from '../stores-over.ts';
import { AT, type SuiteDatabase, seedWorkspace } from '../suites/suite-database.ts';
import type { Database } from './engine.ts';
import { postgres } from './postgres.ts';

const keyring = new Keyring(Buffer.alloc(32, 3));

let created: PostgresDatabase;
let proxy: DatabaseProxy;
/** Two services over one database; the first one reaches it through the proxy. */
let databases: Database[];
let storages: Storage[];
let workspaceId: string;
let ownerId: string;

beforeAll(async () => {
  created = await createPostgresDatabase();
  proxy = await startDatabaseProxy(created.url);
  databases = [await postgres.open(proxy.url), await postgres.open(created.url)];
  const opening = databases.map(
    async (one) => new Storage(one, keyring, await loadPermissionSets(one.db, BUILT_IN_CATALOGUE)),
  );
  storages = await Promise.all(opening);
  const { workspace, owner } = await seedWorkspace({ storage: second() } as SuiteDatabase);
  workspaceId = workspace.id;
  ownerId = owner.id;
});
afterAll(async () => {
  for (const storage of storages) await storage.close();
  await proxy.close();
  await created.drop();
});

const first = () => storages[0] as Storage;
const second = () => storages[1] as Storage;

function append({ audit }: Pick<Stores, 'audit'>, requestId: string) {
  return appendEntry(audit, {
    ...NO_CLIENT,
    workspaceId,
    eventType: 'role.created',
    actorId: ownerId,
    credential: { kind: 'operator', keyId: null },
    target: { kind: 'role', id: 'role_1' },
    before: null,
    after: {},
    ...denialOf(null),
    requestId,
    createdAt: AT,
  });
}

async function requestIds(): Promise<(string | null)[]> {
  const ids: (string | null)[] = [];
  for await (const { requestId } of second().audit.stream(workspaceId)) ids.push(requestId);
  return ids;
}

async function times(requestId: string): Promise<number> {
  return (await requestIds()).filter((id) => id === requestId).length;
}

describe('changes of several services', () => {
  test('form one chain without gaps, and each sees those before it', async () => {
    const entries = Array.from({ length: 60 }, (_, index) =>
      (index % 2 ? first() : second()).transact((stores) => append(stores, `chained ${index}`)),
    );
    const sequences = (await Promise.all(entries)).map(({ sequence }) => sequence);
    const head = await second().audit.head(workspaceId);
    expect(new Set(sequences).size).toBe(60);
    expect(Math.max(...sequences)).toBe(head.sequence);
    expect((await requestIds()).length).toBe(head.sequence);
  });

  test('decide on what is stored when they have the lock, also if they have read before it', async () => {
    const read = ({ workspaces }: Stores) => workspaces.find(workspaceId);
    const increment = async (stores: Stores) => {
      const found = await read(stores);
      await stores.audit.head(workspaceId);
      if (found) await stores.workspaces.update({ ...found, updatedAt: found.updatedAt + 1 });
    };
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 ? first() : second()).transact(increment)),
    );
    expect(await second().workspaces.find(workspaceId)).toMatchObject({ updatedAt: AT + 20 });
  });

  test('of another workspace do not wait', async () => {
    const other = await seedWorkspace({ storage: second() } as SuiteDatabase);
    await second().transact(async (stores) => {
      await stores.audit.head(workspaceId);
      await first().transact(({ audit }) => audit.head(other.workspace.id));
    });
  });

  test('that lock workspaces in opposite orders all succeed', async () => {
    const { workspace } = await seedWorkspace({ storage: second() } as SuiteDatabase);
    const ids = [workspaceId, workspace.id];
    const lockBoth = (storage: Storage, order: string[]) =>
      storage.transact(async ({ audit }) => {
        for (const id of order) await audit.head(id);
      });
    const orders = Array.from({ length: 10 }, (_, index) => (index % 2 ? ids : ids.toReversed()));
    const outcomes = await Promise.allSettled(
      orders.map((order, index) => lockBoth(index % 2 ? first() : second(), order)),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(orders.map(() => 'fulfilled'));
  });

  test('that insert the same row run again, so that the later one finds the row of the earlier', async () => {
    const makeOnce = (storage: Storage) =>
      storage.transact(async ({ accounts }) => {
        if (await accounts.find('acc_same')) return 'found';
        await accounts.insert({ id: 'acc_same', defaultWorkspaceId: null, createdAt: AT });
        return 'made';
      });
    const outcomes = await Promise.all([first(), second(), first(), second()].map(makeOnce));
    expect(outcomes.toSorted()).toEqual(['found', 'found', 'found', 'made']);
  });

  test('are not committed if a statement failed, even if the work has caught the error', async () => {
    const work = second().transact(async (stores) => {
      await append(stores, 'not committed');
      await stores.accounts
        .insert({ id: 'acc_same', defaultWorkspaceId: null, createdAt: AT })
        .catch(() => {});
    });
    await expect(work).rejects.toThrow('duplicate key');
    expect(await times('not committed')).toBe(0);
  });
});

describe('a commit', () => {
  test('whose answer was lost is reported as it ended: each change is stored exactly once', async () => {
    for (let index = 0; index < 50; index++) {
      proxy.failNextCommit(index % 2 ? 'answer lost' : 'commit lost');
      const { requestId } = await first().transact((stores) => append(stores, `lost ${index}`));
      expect(requestId).toBe(`lost ${index}`);
    }
    const ids = (await requestIds()).filter((id) => id?.startsWith('lost '));
    expect(ids).toEqual(Array.from({ length: 50 }, (_, index) => `lost ${index}`));
  });

  test('whose outcome cannot be found is COMMIT_UNCONFIRMED', async () => {
    proxy.failNextCommit('server lost');
    const change = first().transact((stores) => append(stores, 'unconfirmed'));
    await expect(change).rejects.toMatchObject({ code: 'COMMIT_UNCONFIRMED' });
    proxy.restore();
    await expect(first().probeCommit()).resolves.toBeUndefined();
  });
});

describe('a lost connection', () => {
  test('is replaced: reads and changes go on', async () => {
    for (let round = 0; round < 5; round++) {
      await Promise.all([first().workspaces.first(), first().probeLookup()]);
      proxy.cut();
      await expect(first().transact((stores) => append(stores, 'cut'))).rejects.toMatchObject({
        code: 'UNAVAILABLE',
      });
      proxy.restore();
      expect(await first().workspaces.find(workspaceId)).not.toBeNull();
      await first().probeLookup();
      await first().transact((stores) => append(stores, `restored ${round}`));
    }
    expect(await times('cut')).toBe(0);
    expect(await times('restored 4')).toBe(1);
  });
});

describe('a database', () => {
  test('is migrated once by several services that start together, and bound to their pepper', async () => {
    const empty = await createPostgresDatabase(null);
    const clock = { now: () => AT };
    const opened = await Promise.all(
      Array.from({ length: 3 }, () => openStorage(empty.url, keyring, clock, BUILT_IN_CATALOGUE)),
    );
    for (const storage of opened) expect(await storage.findDamage()).toEqual([]);
    const foreign = openStorage(empty.url, new Keyring(Buffer.alloc(32, 4)), clock, BUILT_IN_CATALOGUE);
    await expect(foreign).rejects.toThrow('made with another pepper');
    for (const storage of opened) await storage.close();
    await empty.drop();
  });

  test('compares texts by their bytes, whatever its language is', async () => {
    const { rows } = await sql<{ collation_name: string | null }>`
      select distinct collation_name from information_schema.columns
      where table_schema = 'public' and data_type = 'text'
        and table_name not like 'kysely%'`.execute((databases[1] as Database).db);
    expect(rows).toEqual([{ collation_name: 'C' }]);
  });

  test('that does not exist or cannot be reached is an error that names it, without its password', async () => {
    const url = new URL(created.url);
    url.pathname = '/no_such_database';
    await expect(postgres.open(url.href)).rejects.toThrow(
      /^the database no_such_database at 127.0.0.1:\d+ cannot be opened: .*does not exist\. Create it first/,
    );
    url.port = '1';
    const failure = await postgres.open(url.href).catch((error: Error) => error.message);
    expect(failure).toContain('127.0.0.1:1 cannot be opened: connect ECONNREFUSED');
    expect(failure).not.toContain(url.password);
  });
});
