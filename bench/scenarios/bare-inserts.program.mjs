/**
 * Inserts the rows of a new key (key, secret, audit entry) with nothing around them: one transaction after the other,
 * each synced. Arguments: a database that may be written to, and for how many seconds. Prints transactions a second.
 */
import { randomUUID } from 'node:crypto';
import { inserter, openSqlite } from '../data/sqlite.mjs';

const [file = '', seconds = ''] = process.argv.slice(2);
const connection = await openSqlite(file);
connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');

const key = last('api_keys', 'created_at');
const secret = last('api_key_secrets', 'created_at');
const entry = last('audit_entries', 'sequence');
const insertKey = inserter(connection, 'api_keys', key);
const insertSecret = inserter(connection, 'api_key_secrets', secret);
const insertEntry = inserter(connection, 'audit_entries', entry);

const startedAt = performance.now();
const endAt = startedAt + Number(seconds) * 1_000;
let done = 0;
while (performance.now() < endAt) {
  done += 1;
  const id = randomUUID();
  connection.exec('BEGIN IMMEDIATE');
  insertKey({ ...key, id });
  insertSecret({ ...secret, digest: `${id}-digest`, key_id: id });
  insertEntry({ ...entry, id, sequence: Number(entry.sequence) + done });
  connection.exec('COMMIT');
}
console.log(done / ((performance.now() - startedAt) / 1_000));
connection.close();

/** @param {string} table @param {string} order @returns {import('../data/sqlite.mjs').Row} a row to copy */
function last(table, order) {
  const row = connection.prepare(`SELECT * FROM ${table} ORDER BY ${order} DESC LIMIT 1`).get();
  return /** @type {import('../data/sqlite.mjs').Row} */ ({ .../** @type {object} */ (row) });
}
