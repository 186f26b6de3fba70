import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqliteThread } from './thread.ts';

let folder: string;
let thread: SqliteThread;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
  thread = await SqliteThread.start({
    path: join(folder, 'latchkey.db'),
    readOnly: false,
    isBackground: false,
  });
  await thread.run([statement('create table things (name text)')]);
});
afterEach(async () => {
  await thread.close();
  rmSync(folder, { recursive: true });
});

function statement(sql: string) {
  return { sql, parameters: [] };
}

const add = statement("insert into things values ('thing')");

async function count(): Promise<unknown> {
  const { answers } = await thread.run([statement('select count(*) as number from things')]);
  return answers[0]?.rows;
}

test('statements of an aborted call that were not sent yet are dropped, and those of other calls are run', async () => {
  const call = new AbortController();
  const abandoned = Array.from({ length: 1_000 }, () => thread.run([add], call.signal));
  const others = Array.from({ length: 10 }, () => thread.run([add]));
  call.abort();
  const outcomes = await Promise.allSettled(abandoned);
  await Promise.all(others);
  const dropped = outcomes.filter(({ status }) => status === 'rejected');
  expect(dropped.length).toBeGreaterThanOrEqual(990);
  expect(dropped[0]).toMatchObject({ reason: { code: 'UNAVAILABLE' } });
  expect(await count()).toEqual([{ number: 1_010 - dropped.length }]);
});

test('calls run in their order, also those before `close`, and none after it', async () => {
  const calls = Array.from({ length: 50 }, (_, number) =>
    thread.run([statement(`select ${number} as number`)]),
  );
  const closed = thread.close();
  const late = thread.run([add]);
  const answers = await Promise.all(calls);
  expect(answers.map(({ answers: [answer] }) => answer?.rows)).toEqual(
    Array.from({ length: 50 }, (_, number) => [{ number }]),
  );
  await expect(late).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await closed;
});

test('calls beyond the queue limit are UNAVAILABLE at once', async () => {
  const calls = Array.from({ length: 2_100 }, () => thread.run([statement('select 1')]));
  const outcomes = await Promise.allSettled(calls);
  const denied = outcomes.filter(({ status }) => status === 'rejected').length;
  expect(denied).toBeGreaterThanOrEqual(90);
  expect(denied).toBeLessThanOrEqual(100);
});
