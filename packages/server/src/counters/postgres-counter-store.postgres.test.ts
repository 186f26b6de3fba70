import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPostgresDatabase } from '../../test/harness/postgres-database.ts';
import { PostgresCounterStore, TABLES_LOCK } from './postgres-counter-store.ts';
import { counterStoreSuite, type SuiteServer } from './suites/counter-store.suite.ts';
import { sharedCountersSuite } from './suites/shared-counters.suite.ts';

let url: string;
let server: SuiteServer;

beforeAll(async () => {
  server = await start();
});
afterAll(() => server.close());

async function start(): Promise<SuiteServer> {
  const database = await createPostgresDatabase(null);
  ({ url } = database);
  return {
    connect: (now) => new PostgresCounterStore(database.url, now),
    async flush() {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      await client.query('truncate counter_epoch, counter_instances, minute_counters');
      await client.end();
    },
    close: () => database.drop(),
  };
}

counterStoreSuite(() => server);
sharedCountersSuite(() => server);

test('the description of the store has no password', () => {
  const store = new PostgresCounterStore('postgres://user:secret@127.0.0.1:1/counters');
  expect(store.description).toBe('PostgreSQL at 127.0.0.1:1, database counters');
});

test('a connection that waits for its tables is replaced too when the store does not answer', async () => {
  const other = new pg.Client({ connectionString: url });
  await other.connect();
  // As another instance that has stopped while it makes the tables.
  await other.query(`select pg_advisory_lock(${TABLES_LOCK})`);
  const store = new PostgresCounterStore(url);
  const join = () =>
    store.join({ instance: 'one', epoch: null, isClockSet: false }).then(
      () => 'joined',
      () => 'rejected',
    );
  const first = join();
  const locks = "select count(*)::int as waiting from pg_locks where locktype = 'advisory' and not granted";
  await expect.poll(async () => (await other.query(locks)).rows).toEqual([{ waiting: 1 }]);
  store.reconnect();
  expect(await first).toBe('rejected');
  await other.end();
  await expect.poll(join).toBe('joined');
  await store.close();
});
