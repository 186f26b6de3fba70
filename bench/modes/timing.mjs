/**
 * Checks whether the response time reveals that a key exists (a timing side channel). Each pair consists of an unknown
 * well-formed key and another key, checked in random order; only the difference within the pair counts, because other
 * load on the machine affects both in the same way. A figure is the median of the other key's time minus the unknown
 * key's time, with its 95 % interval; a target is met when it contains the whole interval. For a revoked key there is
 * nothing to hide: the response says that it is revoked, and the caller has its whole text.
 */
import { startService } from '../contenders/service.mjs';
import { copyOf, prepareDatabase } from '../data/database.mjs';
import { addNeighbour } from '../data/neighbour.mjs';
import { firstTokens, nearMiss, unknownTokens } from '../data/tokens.mjs';
import { openVerifier } from '../data/verifier.mjs';
import { Connection } from '../load/connection.mjs';
import { checkRequest, createRequest, revokeRequest, verifyRequest } from '../load/requests.mjs';
import { tell } from '../machine/progress.mjs';
import { medianWithInterval } from '../report/statistics.mjs';

const KEYS = 1_000;
const REVOKED = 200;
/** Over loopback, the number of pairs is divided by this. */
const LOOPBACK_PART = 10;
const IN_PROCESS_TARGET_US = 2;
const LOOPBACK_TARGET_US = 20;
/** Pairs before those that count: functions are compiled, and the filter of known digests is read. */
const WARM_UP_PAIRS = 2_000;
const ELSEWHERE = 'wsp_of_somebody_else';

/** Asks about a key, and tells what that took in microseconds. @typedef {(token: string) => number | Promise<number>} Ask */
/** @typedef {{ name: string, ask: Ask, other: (pair: number) => string }} Kind */
/** @typedef {import('../data/database.mjs').Prepared} Prepared */

/** @param {number} pairs in process */
export async function timing(pairs) {
  const prepared = await prepareDatabase(KEYS);
  const folder = copyOf(prepared);
  const good = firstTokens(prepared, KEYS);
  const { ownerKey: foreign } = await addNeighbour(folder);
  const service = await startService(folder);
  tell(`revoking ${REVOKED} keys`);
  const revoked = await makeRevoked(service.url, prepared);
  const overLoopback = loopbackKinds(service.url, { good, revoked, foreign, credential: prepared.ownerKey });
  const loopbackRows = await measure(overLoopback, pairs / LOOPBACK_PART, LOOPBACK_TARGET_US);
  await service.stop();
  const { kinds, close } = await inProcessKinds(folder, good, revoked);
  const inProcessRows = await measure(kinds, pairs, IN_PROCESS_TARGET_US);
  await close();
  console.log(`median difference to an unknown key, ${pairs} pairs in process, a tenth over loopback`);
  console.log([...inProcessRows, ...loopbackRows].join('\n'));
  process.exit();
}

/** @param {string} url @param {Prepared} prepared @returns {Promise<string[]>} texts of keys that are revoked */
async function makeRevoked(url, { ownerId, ownerKey }) {
  const { ask } = connectTo(url);
  const texts = [];
  for (let made = 0; made < REVOKED; made += 1) {
    const body = { name: `Revoked key ${made}`, userId: ownerId, permissions: ['calls:read'] };
    const created = await ask(createRequest(ownerKey, body));
    const { apiKey, key } = JSON.parse(created.body.toString()).data.result;
    const { status } = await ask(revokeRequest(ownerKey, apiKey.id));
    if (status !== 200) throw new Error(`Revoking a key failed with status ${status}`);
    texts.push(key);
  }
  return texts;
}

/**
 * @param {string} url
 * @param {{ good: readonly string[], revoked: readonly string[], foreign: string, credential: string }} keys
 * @returns {Kind[]}
 */
function loopbackKinds(url, { good, revoked, foreign, credential }) {
  const connection = connectTo(url);
  /** @type {(request: string, expected: number) => Promise<number>} */
  const timed = async (request, expected) => {
    const startedAt = performance.now();
    const { status } = await connection.ask(request);
    const took = performance.now() - startedAt;
    if (status !== expected) throw new Error(`An invalid key was answered with status ${status}`);
    return took * 1_000;
  };
  /** @type {Ask} */
  const check = (token) => timed(checkRequest(token), 401);
  /** @type {Ask} */
  const verify = (token) => timed(verifyRequest(credential, { key: token }), 200);
  return [
    { name: 'near miss, over loopback', ask: check, other: (pair) => nearMiss(at(good, pair)) },
    { name: 'revoked, over loopback', ask: check, other: (pair) => at(revoked, pair) },
    { name: "another workspace's, over loopback", ask: verify, other: () => foreign },
  ];
}

/**
 * @param {string} folder
 * @param {readonly string[]} good
 * @param {readonly string[]} revoked
 * @returns {Promise<{ kinds: Kind[], close: () => Promise<void> }>}
 */
async function inProcessKinds(folder, good, revoked) {
  const { storage, known, verifier } = await openVerifier(folder, KEYS);
  await known.read(new AbortController().signal);
  const question = { permissions: /** @type {const} */ (['calls:read']), cost: 1 };
  for (const keyText of [...good, ...revoked])
    await verifier.verify({ ...question, workspaceId: null, keyText });
  /** @type {(workspaceId: string | null) => Ask} */
  const askFrom = (workspaceId) => (token) => {
    const input = { ...question, workspaceId, keyText: token };
    const startedAt = performance.now();
    const verdict = verifier.verifyNow(input);
    const took = performance.now() - startedAt;
    if (!(verdict instanceof Promise) && verdict?.code === 'VALID')
      throw new Error('An invalid key was accepted');
    return took * 1_000;
  };
  const kinds = [
    {
      name: 'near miss, in process',
      ask: askFrom(null),
      other: (/** @type {number} */ pair) => nearMiss(at(good, pair)),
    },
    {
      name: 'revoked, in process',
      ask: askFrom(null),
      other: (/** @type {number} */ pair) => at(revoked, pair),
    },
    {
      name: "another workspace's, in process",
      ask: askFrom(ELSEWHERE),
      other: (/** @type {number} */ pair) => at(good, pair),
    },
  ];
  return { kinds, close: () => storage.close() };
}

/** @param {readonly Kind[]} kinds @param {number} pairs of each @param {number} target @returns {Promise<string[]>} */
async function measure(kinds, pairs, target) {
  const rows = [];
  for (const kind of kinds) {
    tell(`${kind.name}, ${pairs} pairs`);
    await differences(kind, Math.min(pairs, WARM_UP_PAIRS));
    rows.push(rowOf(kind.name, await differences(kind, pairs), target));
  }
  return rows;
}

/** @param {Kind} kind @param {number} pairs */
async function differences({ ask, other }, pairs) {
  const results = new Float64Array(pairs);
  for (let pair = 0; pair < pairs; pair += 1) {
    const [unknown = ''] = unknownTokens(1).map(asReceived);
    const counterpart = asReceived(other(pair));
    const isUnknownFirst = Math.random() < 0.5;
    const first = await ask(isUnknownFirst ? unknown : counterpart);
    const second = await ask(isUnknownFirst ? counterpart : unknown);
    results[pair] = isUnknownFirst ? second - first : first - second;
  }
  return results;
}

/** A text as it comes off the wire: one piece, of which nothing was computed before. @param {string} text */
function asReceived(text) {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** @param {string} name @param {Float64Array} results @param {number} target */
function rowOf(name, results, target) {
  const { median, low, high } = medianWithInterval([...results]);
  const verdict = low >= -target && high <= target ? 'met' : 'missed';
  const figures = [median, low, high].map((figure) => `${figure < 0 ? '' : '+'}${figure.toFixed(2)}`);
  return `${name.padEnd(36)} ${figures[0]?.padStart(8)} µs  ${`${figures[1]} to ${figures[2]}`.padEnd(18)} ±${target} µs ${verdict}`;
}

/** @param {string} url */
function connectTo(url) {
  const { hostname, port } = new URL(url);
  const connection = new Connection(hostname, Number(port), (error) => {
    throw error;
  });
  return {
    /** @param {string} request @returns {Promise<{ status: number, body: Buffer }>} */
    ask: (request) =>
      new Promise((resolve) => {
        connection.send(request, (status, body) => resolve({ status, body }));
      }),
  };
}

/** @template T @param {readonly T[]} items @param {number} index @returns {T} round and round */
function at(items, index) {
  return /** @type {T} */ (items[index % items.length]);
}
