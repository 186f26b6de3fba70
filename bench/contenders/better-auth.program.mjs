/**
 * better-auth with its API key plugin, behind the same bare server. `BENCH_MODE` sets how it stores keys:
 *
 * - `database`: its default, a SQLite database with SQLite's default settings
 * - `memory`: its fastest, secondary storage in memory and updates deferred to after the answer
 *
 * Keys have a limit, as Latchkey's keys do; the plugin counts one window. It creates its keys at the start and writes them
 * into the file `BENCH_TOKENS`.
 */

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { apiKey } from '@better-auth/api-key';
import { NodeSqliteDialect } from '@better-auth/kysely-adapter/node-sqlite-dialect';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { openSqlite } from '../data/sqlite.mjs';
import { listen } from './program.mjs';

const { BENCH_MODE: mode, BENCH_TOKENS: tokensFile = '', BENCH_FOLDER: folder = '' } = process.env;
const COUNT = 1_000;
const DAY_MS = 86_400_000;

const auth = betterAuth(await options());
const tokens = await makeKeys();
writeFileSync(tokensFile, tokens.join('\n'), { mode: 0o600 });
listen(createServer((request, response) => void answer(request, response)));

/** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
async function answer(request, response) {
  const key = request.headers.authorization?.slice('Bearer '.length) ?? '';
  const { valid, error, key: found } = await auth.api.verifyApiKey({ body: { key } });
  const text = JSON.stringify({ valid, error, name: found?.name, expiresAt: found?.expiresAt });
  response.writeHead(valid ? 200 : 401, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

async function options() {
  const inMemory = mode === 'memory';
  const database = await openSqlite(path.join(folder, 'better-auth.db'));
  const rateLimit = { enabled: true, timeWindow: DAY_MS, maxRequests: 1_000_000_000 };
  const storage = inMemory ? 'secondary-storage' : 'database';
  return {
    database: { dialect: new NodeSqliteDialect({ database }), type: 'sqlite' },
    secret: 'a secret for a benchmark that guards nothing',
    baseURL: 'http://127.0.0.1',
    emailAndPassword: { enabled: true },
    ...(inMemory && { secondaryStorage: mapStorage() }),
    advanced: {
      backgroundTasks: { handler: (/** @type {Promise<unknown>} */ task) => void task.catch(console.error) },
    },
    plugins: [apiKey({ rateLimit, storage, deferUpdates: inMemory })],
    logger: { disabled: true },
  };
}

async function makeKeys() {
  await (await getMigrations(auth.options)).runMigrations();
  const person = { email: 'ada@example.com', password: 'correct horse battery', name: 'Ada' };
  const { user } = await auth.api.signUpEmail({ body: person });
  const made = [];
  for (let number = 0; number < COUNT; number += 1) {
    const { key } = await auth.api.createApiKey({
      body: { userId: user.id, name: `Benchmark key ${number}` },
    });
    made.push(key);
  }
  return made;
}

/** Secondary storage as its documentation describes it, over a Map. */
function mapStorage() {
  /** @type {Map<string, string>} */
  const values = new Map();
  return {
    get: async (/** @type {string} */ key) => values.get(key) ?? null,
    set: async (/** @type {string} */ key, /** @type {string} */ value) => void values.set(key, value),
    delete: async (/** @type {string} */ key) => void values.delete(key),
  };
}
