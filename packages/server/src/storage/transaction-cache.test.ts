import { beforeEach, expect, test } from 'vitest';
import { TransactionCache } from './transaction-cache.ts';

let cache: TransactionCache;

beforeEach(() => {
  cache = new TransactionCache();
});

test('a value is read once, also if it is null', async () => {
  expect(await cache.recall('ws_1', async () => null)).toBeNull();
  expect(await cache.recall('ws_1', async () => 'second')).toBeNull();
});

test('a change of a key drops what depends on that key, a new secret nothing, any other change everything', async () => {
  for (const keyId of ['key_1', 'key_2']) await cache.recall(`caller ${keyId}`, async () => keyId, keyId);
  cache.set('head', 1);
  cache.invalidate({ kind: 'secret', digest: 'a' });
  cache.invalidate({ kind: 'key', keyId: 'key_1' });
  expect(['caller key_1', 'caller key_2', 'head'].map((name) => cache.get(name))).toEqual([
    undefined,
    'key_2',
    1,
  ]);
  cache.invalidate({ kind: 'member', workspaceId: 'ws_1', userId: 'usr_1' });
  expect(['caller key_2', 'head'].map((name) => cache.get(name))).toEqual([undefined, undefined]);
});

test('a value read before an invalidation is not cached after it, and does not overwrite a value that was set', async () => {
  await cache.recall('caller', async () => {
    cache.invalidate({ kind: 'key', keyId: 'key_1' });
    return 'old';
  });
  expect(cache.get('caller')).toBeUndefined();
  await cache.recall('head', async () => {
    cache.set('head', 2);
    return 1;
  });
  expect(cache.get('head')).toBe(2);
});
