/** How valid keys are served during attacks: each attack for a fixed time, then all of them together. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { loadDriver } from '../../packages/server/dist/storage/engines/sqlite/connection.mjs';
import { clientOf } from '../attack/client.mjs';
import { startService } from '../contenders/service.mjs';
import { addNeighbour } from '../data/neighbour.mjs';
import { generateKeyText } from '../data/product.mjs';
import { canPin, onCoreOf } from '../machine/cores.mjs';
import { tell } from '../machine/progress.mjs';
import { quantile } from '../report/statistics.mjs';

const PROGRAM = path.join(import.meta.dirname, '..', 'attack', 'attacks.program.mjs');
const SINGLE = ['searches', 'trickles', 'invalid', 'unfinished'];
const ROUNDS = [...SINGLE.map((name) => [name]), SINGLE];

/** The service is kept on one core: it is started as docs/install.md says for a machine with one core. */
const NODE_ARGS = canPin ? ['--single-threaded-gc', '--max-semi-space-size=4'] : [];

const KEYS = '/api/v2/api-keys';
const LOG_ENTRIES = 20_000;
const CHECKS_PER_SECOND = 200;
/** The number of keys that are not in memory; each is checked once. */
const COLD_KEYS = 40;
/** After it, memory is read once more. */
const REST_MS = 10_000;

/** @typedef {{ key: string, id: string }} Made */
/** @typedef {ReturnType<typeof clientOf>} Client */

/** @param {number} seconds how long each attack lasts */
export async function attack(seconds) {
  const folder = mkdtempSync(path.join(tmpdir(), 'latchkey-bench-attack-'));
  try {
    const prepared = await prepare(folder);
    const rows = [];
    for (const attacks of ROUNDS) {
      tell(`under attack: ${attacks.join(' and ')}`);
      rows.push(await measure(folder, prepared, attacks, seconds));
    }
    console.table(Object.fromEntries(rows.map(({ attacks, ...row }) => [attacks.join('+'), row])));
    console.log(JSON.stringify({ seconds, checksPerSecond: CHECKS_PER_SECOND, rows }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} folder */
async function prepare(folder) {
  const service = await startService(folder, { init: true });
  const client = clientOf(service.url);
  const { key: owner, userId, workspaceId } = service.founded;
  /** @param {object} [more] @returns {Promise<Made>} */
  const make = async (more) => {
    const { status, body } = await client.call('POST', KEYS, {
      key: owner,
      body: { name: 'key', userId, ...more },
    });
    if (status !== 201) throw new Error(`a key was not made: ${JSON.stringify(body)}`);
    return { key: body.data.result.key, id: body.data.result.apiKey.id };
  };
  /** @param {number} count */
  const several = async (count) => {
    const made = [];
    for (let number = 0; number < count; number++) made.push(await make());
    return made;
  };
  const prepared = {
    owner,
    good: await make(),
    searcher: await make({ permissions: ['workspace:logs-read'] }),
    powerless: await make({ permissions: ['calls:read'] }),
    verifier: await make({ permissions: ['api-keys:verify'] }).catch(() => make()),
    idle: await several(ROUNDS.length),
    victims: await several(ROUNDS.length),
    cold: await several(COLD_KEYS),
  };
  client.close();
  await service.stop();
  await lengthenLog(folder, workspaceId);
  return { ...prepared, neighbour: await addNeighbour(folder) };
}

/** Audit entries for the searches. Their hashes do not form a chain, but a search does not check them. */
async function lengthenLog(/** @type {string} */ folder, /** @type {string} */ workspaceId) {
  const { DatabaseSync } = await loadDriver();
  const database = new DatabaseSync(path.join(folder, 'latchkey.db'));
  database.exec(`
    with recursive numbers(n) as (select 1000 union all select n + 1 from numbers where n < ${LOG_ENTRIES + 1_000})
    insert into audit_entries (workspace_id, sequence, id, event_type, created_at, details, hash, search_text, target_id)
    select '${workspaceId}', n, 'log_' || n, 'api-key.created', 1, '{}', '', 'api-key.created key_' || n, 'key_' || n
    from numbers`);
  database.close();
}

/**
 * @param {string} folder @param {Awaited<ReturnType<typeof prepare>>} prepared
 * @param {string[]} attacks @param {number} seconds
 */
async function measure(folder, prepared, attacks, seconds) {
  const round = ROUNDS.indexOf(attacks);
  const service = await startService(folder, { nodeArgs: NODE_ARGS });
  const client = clientOf(service.url);
  try {
    const { owner, good, cold, idle, victims, neighbour } = prepared;
    await checksFor(client, good.key, 2);
    const calm = await checksFor(client, good.key, seconds);
    const link = await client.call('POST', '/api/v2/sign-in-links', { key: owner });
    const token = new URL(link.body.data.result.signInLink.url).hash.replace(/^#(?:token=)?/, '');
    const before = memory(service.pid).resident;
    const attacker = startAttack(service.url, prepared, attacks, seconds + 1);
    const warm = checksFor(client, good.key, seconds);
    await wait(Math.min(2_000, (seconds * 1_000) / 3));
    const [notInMemory, revoked, signedIn, created] = await Promise.all([
      inTurn(cold, ({ key }) => client.call('GET', `${KEYS}/check`, { key })),
      client.call('DELETE', `${KEYS}/${victims[round]?.id}`, { key: idle[round]?.key ?? '' }),
      client.call('POST', '/api/v2/sessions', { body: { token } }),
      client.call('POST', KEYS, {
        key: neighbour.ownerKey,
        body: { name: 'key', userId: neighbour.userId },
      }),
    ]);
    const attacked = await warm;
    await attacker.stop();
    await wait(REST_MS);
    const after = memory(service.pid);
    return {
      attacks,
      ...figures('calm', calm),
      ...figures('attacked', attacked),
      'kept connections p99 ms': millisecondsAt(
        0.99,
        attacked.filter(({ isOnKept }) => isOnKept),
      ),
      ...figures('not in memory', notInMemory),
      revoke: revoked.status,
      'sign-in': signedIn.status,
      'other tenant': created.status,
      'MiB before': mebibytes(before),
      'MiB peak': mebibytes(after.peak),
      'MiB 10 s after': mebibytes(after.resident),
    };
  } finally {
    client.close();
    await service.stop();
  }
}

/** @param {string} url @param {Awaited<ReturnType<typeof prepare>>} prepared @param {readonly string[]} attacks @param {number} seconds */
function startAttack(url, { searcher, powerless, verifier }, attacks, seconds) {
  const plan = {
    port: Number(new URL(url).port),
    seconds,
    attacks,
    searcher: searcher.key,
    powerless: powerless.key,
    verifier: verifier.key,
    unknown: generateKeyText('lk', 'live'),
  };
  // The attackers take no time from the service, nor from the client that measures it.
  const [command, args] = onCoreOf('load', 'nice', [
    '-n',
    '10',
    process.execPath,
    PROGRAM,
    JSON.stringify(plan),
  ]);
  const child = spawn(command, args, {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  return {
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

/** Checks of a good key at a fixed rate, also where the answers are late. @param {Client} client @param {string} key @param {number} seconds */
async function checksFor(client, key, seconds) {
  const answers = [];
  const begun = performance.now();
  for (let count = 0; count < seconds * CHECKS_PER_SECOND; count++) {
    const due = begun + (count * 1_000) / CHECKS_PER_SECOND;
    if (due > performance.now()) await wait(due - performance.now());
    answers.push(client.call('GET', `${KEYS}/check`, { key }));
  }
  return Promise.all(answers);
}

/** @template T, R @param {readonly T[]} items @param {(item: T) => Promise<R>} call */
async function inTurn(items, call) {
  const answers = [];
  for (const item of items) answers.push(await call(item));
  return answers;
}

/** @param {string} what @param {readonly import('../attack/client.mjs').Answer[]} answers */
function figures(what, answers) {
  return {
    [`${what} p50 ms`]: millisecondsAt(0.5, answers),
    [`${what} p99 ms`]: millisecondsAt(0.99, answers),
    [`${what} failed`]: answers.filter(({ status }) => status !== 200).length,
  };
}

/** @param {number} share @param {readonly import('../attack/client.mjs').Answer[]} answers */
function millisecondsAt(share, answers) {
  const ms = answers.map((answer) => answer.ms);
  return Number(quantile(ms, share).toFixed(2));
}

/** Bytes. @param {number} pid */
function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kibibytes = (/** @type {string} */ name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return { resident: kibibytes('VmRSS') * 1_024, peak: kibibytes('VmHWM') * 1_024 };
}

/** @param {number} bytes */
function mebibytes(bytes) {
  return Math.round(bytes / 2 ** 20);
}
