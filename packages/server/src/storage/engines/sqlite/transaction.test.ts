import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqliteConnection } from './connection.mjs';
import { Mutex } from './connections.ts';
import { inThisThread, type SqliteExecutor } from './executor.ts';
import { DeferredWriteError, SqliteSavepoint, SqliteTransaction } from './transaction.ts';

/** A database in memory has no files to check. */
const IN_PLACE = { require: () => {}, confirm: () => {} };

let writer: SqliteExecutor;
/** The statements sent to the writer, one list for each message. */
let sent: string[][];
let transaction: SqliteTransaction;

beforeEach(async () => {
  const connection = inThisThread(await SqliteConnection.open(':memory:', { readOnly: false }));
  await connection.run([{ sql: 'create table things (name text primary key)', parameters: [] }]);
  sent = [];
  writer = {
    run(statements) {
      sent.push(statements.map(({ sql }) => sql));
      return connection.run(statements);
    },
    close: () => connection.close(),
  };
  transaction = await SqliteTransaction.begin({ writer, turns: new Mutex(), files: IN_PLACE });
});
afterEach(() => writer.close());

function add(name: string) {
  return transaction.run({ sql: 'insert into things values (?)', parameters: [name] });
}

async function names(): Promise<unknown[]> {
  const { rows } = await transaction.run({ sql: 'select name from things order by rowid', parameters: [] });
  return rows.map((row) => (row as { name: unknown }).name);
}

test('statements of the same tick share one message, in the order of issue, with the marks before them', async () => {
  transaction.mark('savepoint one');
  await Promise.all([add('b'), Promise.resolve().then(() => add('c')), add('a')]);
  transaction.mark('release one');
  expect(await names()).toEqual(['b', 'a', 'c']);
  const insert = 'insert into things values (?)';
  expect(sent).toEqual([
    ['begin immediate', 'savepoint one', insert, insert, insert],
    ['release one', 'select name from things order by rowid'],
  ]);
});

test('if a statement fails, those issued with it and after it are not run, and those before it return', async () => {
  await add('a');
  const outcomes = await Promise.allSettled([add('b'), add('a'), add('c')]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  for (const outcome of outcomes.slice(1))
    expect(outcome).toMatchObject({ reason: { message: expect.stringContaining('UNIQUE') } });
  expect(await names()).toEqual(['a', 'b']);
});

test('a savepoint that fails does not affect the next, although both are in the same message', async () => {
  await add('a');
  const failing = new SqliteSavepoint(transaction);
  const left = Promise.allSettled([add('b'), add('a'), add('c')]);
  failing.undo();
  failing.end();
  const next = new SqliteSavepoint(transaction);
  expect(await Promise.all([add('d'), names()])).toMatchObject([{ changes: 1 }, ['a', 'd']]);
  next.end();
  expect((await left).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  await transaction.commit();
});

test('a deferred write is sent with the next awaited statement, here the commit', async () => {
  transaction.defer({ sql: "insert into things values ('a')", parameters: [], changes: 1 });
  transaction.mark('savepoint one');
  transaction.defer({ sql: "update things set name = 'b'", parameters: [], changes: 1 });
  transaction.mark('release one');
  await transaction.commit();
  expect(sent).toHaveLength(1);
  const { answers } = await writer.run([{ sql: 'select name from things', parameters: [] }]);
  expect(answers[0]?.rows).toMatchObject([{ name: 'b' }]);
});

test.each([
  ['fails', () => ["insert into things values ('a')"]],
  ['changes another number of rows', () => ["update things set name = 'z' where name = 'other'"]],
  ['is not run, since one before it failed', () => ["insert into things values ('c')"]],
])('if a deferred write %s, the transaction fails and changes nothing', async (why, statements) => {
  await add('a');
  const failing = why.startsWith('is not run') ? add('a') : Promise.resolve();
  for (const sql of statements()) transaction.defer({ sql, parameters: [], changes: 1 });
  const [, committed] = await Promise.allSettled([failing, transaction.commit()]);
  expect(committed).toMatchObject({ status: 'rejected', reason: expect.any(DeferredWriteError) });
  await transaction.rollback();
  const { answers } = await writer.run([{ sql: 'select name from things', parameters: [] }]);
  expect(answers).toEqual([{ rows: [], changes: null }]);
});

test('a statement after the end of its savepoint throws and is not run', async () => {
  const scope = new SqliteSavepoint(transaction);
  scope.end();
  const sql = "insert into things values ('late')";
  await expect(scope.executeQuery({ sql, parameters: [] } as never)).rejects.toThrow(
    'savepoint of this statement has ended',
  );
  expect(await names()).toEqual([]);
});

test('after a failed begin or a rollback no statement is run, since each would be a separate change', async () => {
  await writer.run([{ sql: 'begin', parameters: [] }]);
  const outcomes = await Promise.allSettled([add('a'), add('b')]);
  expect(outcomes).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  await expect(add('c')).rejects.toThrow('within a transaction');
  await transaction.rollback();
  await expect(add('d')).rejects.toThrow();
  expect(() => transaction.mark('savepoint work')).toThrow();
  const { answers } = await writer.run([{ sql: 'select name from things', parameters: [] }]);
  expect(answers).toEqual([{ rows: [], changes: null }]);
});
