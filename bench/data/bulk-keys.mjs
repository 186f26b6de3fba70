/** Writes keys in bulk: rows by the product's own mapper, in large transactions that need not be durable. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { progressOf } from '../machine/progress.mjs';
import { generateKeyText, hintOf, Keyring, newId, toKeyRow, toSecretRow } from './product.mjs';
import { inserter, openSqlite } from './sqlite.mjs';
import { openStorageIn } from './storage.mjs';

const BATCH = 10_000;

/** Fast, but not durable after a crash: an unfinished database is never used. */
const PRAGMAS = 'PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000';

/** What the owner held, and the permissions of the key as they are stored. */
const SETS_OF_KEY = `
  SELECT owner_held, permission_sets.id, permission_sets.permissions AS text
  FROM api_keys JOIN permission_sets ON permission_sets.id = permission_set_id WHERE api_keys.id = ?`;

/** @typedef {{ key: import('../../packages/server/dist/domain/keys/key.js').Key, keyring: Keyring }} Pattern */

/** @param {{ folder: string, count: number, template: import('./template.mjs').Template, tokensFile: string }} order */
export async function writeKeys({ folder, count, template, tokensFile }) {
  const pattern = await load(folder, template);
  const connection = await openSqlite(path.join(folder, 'latchkey.db'));
  connection.exec(PRAGMAS);
  const write = writerOf(connection, pattern, template);
  const tokens = createWriteStream(tokensFile, { mode: 0o600 });
  const progress = progressOf('keys', count);
  for (let done = 0; done < count; done += BATCH) {
    connection.exec('BEGIN');
    const texts = Array.from({ length: Math.min(BATCH, count - done) }, (_, index) => write(done + index));
    connection.exec('COMMIT');
    if (!tokens.write(`${texts.join('\n')}\n`)) await once(tokens, 'drain');
    progress(done + texts.length);
  }
  tokens.end();
  await once(tokens, 'close');
  connection.close();
}

/**
 * @param {string} folder
 * @param {import('./template.mjs').Template} template
 * @returns {Promise<Pattern>}
 */
async function load(folder, { id, workspaceId }) {
  const { storage, keyring } = await openStorageIn(folder);
  const key = await storage.keys.find(workspaceId, id);
  await storage.close();
  if (!key) throw new Error('The database does not contain the template key');
  return { key, keyring };
}

/**
 * @param {import('./sqlite.mjs').Connection} connection
 * @param {Pattern} pattern
 * @param {import('./template.mjs').Template} template
 * @returns {(number: number) => string} writes a key and returns its text
 */
function writerOf(connection, { key, keyring }, template) {
  const stored = connection.prepare(SETS_OF_KEY).get(template.id);
  const { owner_held, id, text } = /** @type {{ owner_held: string, id: string, text: string }} */ (stored);
  const set = { id, text };
  const secretOf = (/** @type {string} */ text) => {
    const { createdAt } = key;
    return { digest: keyring.digest(text), hint: hintOf(text), pepperId: keyring.pepperId, createdAt };
  };
  const sample = secretOf('');
  const insertKey = inserter(connection, 'api_keys', { ...toKeyRow(key, set, keyring), owner_held });
  const insertSecret = inserter(connection, 'api_key_secrets', { ...toSecretRow(key, sample, keyring) });
  return (number) => {
    const text = generateKeyText('lk', 'live');
    const secret = secretOf(text);
    const name = `Benchmark key ${number}`;
    const one = { ...key, id: newId('key'), name, hint: secret.hint, createdAt: key.createdAt + number };
    insertKey({ ...toKeyRow(one, set, keyring), owner_held });
    insertSecret({ ...toSecretRow(one, secret, keyring) });
    return text;
  };
}
