import { beforeEach, expect, test } from 'vitest';
import { TransactionCache } from './transaction-cache.ts';

let memory: TransactionCache;

beforeEach(() => {
  memory = new TransactionCache();
});

async function isCached(name: string): Promise<boolean> {
  return (await memory.recall(name, async () => null)) !== null;
}

test('a value is read once, and a miss is read again', async () => {
  expect(await memory.recall('ws_1', async () => null)).toBeNull();
  expect(await memory.recall('ws_1', async () => 'first')).toBe('first');
  expect(await memory.recall('ws_1', async () => 'second')).toBe('first');
});

test('a change of a key invalidates that key only, a new secret nothing, any other change everything', async () => {
  for (const name of ['key_1', 'key_2', 'ws_1']) memory.set(name, name);
  memory.invalidate({ kind: 'secret', digest: 'a' });
  memory.invalidate({ kind: 'key', keyId: 'key_1' });
  expect(await Promise.all(['key_1', 'key_2', 'ws_1'].map(isCached))).toEqual([false, true, true]);
  memory.invalidate({ kind: 'member', workspaceId: 'ws_1', userId: 'usr_1' });
  expect(await Promise.all(['key_2', 'ws_1'].map(isCached))).toEqual([false, false]);
});

test('a value read before a change is not cached after it, and does not overwrite a value that was set', async () => {
  const keep = memory.keeper();
  memory.invalidate({ kind: 'key', keyId: 'key_1' });
  keep('key_1', 'old');
  expect(memory.get('key_1')).toBeUndefined();
  const late = memory.keeper();
  memory.set('end', 2);
  late('end', 1);
  expect(memory.get('end')).toBe(2);
});
