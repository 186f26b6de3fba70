import { beforeEach, expect, test } from 'vitest';
import { GroupMemory } from './group-memory.ts';

let memory: GroupMemory;

beforeEach(() => {
  memory = new GroupMemory();
});

async function known(name: string): Promise<boolean> {
  return (await memory.recall(name, async () => null)) !== null;
}

test('what was read is read once, and a miss is looked for again', async () => {
  expect(await memory.recall('ws_1', async () => null)).toBeNull();
  expect(await memory.recall('ws_1', async () => 'first')).toBe('first');
  expect(await memory.recall('ws_1', async () => 'second')).toBe('first');
});

test('a change of a key forgets that key alone, a new secret nothing, any other change everything', async () => {
  for (const name of ['key_1', 'key_2', 'ws_1']) memory.set(name, name);
  memory.forget({ kind: 'secret', digest: 'a' });
  memory.forget({ kind: 'key', keyId: 'key_1' });
  expect(await Promise.all(['key_1', 'key_2', 'ws_1'].map(known))).toEqual([false, true, true]);
  memory.forget({ kind: 'member', workspaceId: 'ws_1', userId: 'usr_1' });
  expect(await Promise.all(['key_2', 'ws_1'].map(known))).toEqual([false, false]);
});

test('what was read before a change is not kept after it, and what is written is not overwritten by what was read', async () => {
  const keep = memory.keeper();
  memory.forget({ kind: 'key', keyId: 'key_1' });
  keep('key_1', 'old');
  expect(memory.get('key_1')).toBeUndefined();
  const late = memory.keeper();
  memory.set('end', 2);
  late('end', 1);
  expect(memory.get('end')).toBe(2);
});
