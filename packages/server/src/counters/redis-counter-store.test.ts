import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedis } from '../../test/harness/redis-server.ts';
import { RedisCounterStore } from './redis-counter-store.ts';
import { counterStoreSuite, type SuiteServer } from './suites/counter-store.suite.ts';
import { sharedCountersSuite } from './suites/shared-counters.suite.ts';

let server: SuiteServer;

beforeAll(async () => {
  server = await start();
});
afterAll(() => server.close());

async function start(): Promise<SuiteServer> {
  const server = await startRedis();
  return { ...server, connect: (now) => new RedisCounterStore(server.url, now) };
}

counterStoreSuite(() => server);
sharedCountersSuite(() => server);

test('the description of the store has no password', async () => {
  const store = new RedisCounterStore('redis://user:secret@127.0.0.1:1/3');
  expect(store.description).toBe('Redis at 127.0.0.1:1, database 3');
  await store.close();
});
