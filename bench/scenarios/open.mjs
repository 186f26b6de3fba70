/** The servers that scenarios share: started when one first needs them, and warm from then on. */
import path from 'node:path';
import { hasNginx, startGateway, startNginx } from '../contenders/nginx.mjs';
import { startBareHttp, startBetterAuth, startFastify, startProtectedApi } from '../contenders/others.mjs';
import { startPostgres } from '../contenders/postgres.mjs';
import { startService } from '../contenders/service.mjs';
import { copyOf, dropCopy, prepareDatabase } from '../data/database.mjs';
import { addNeighbour } from '../data/neighbour.mjs';
import { binary } from '../data/product.mjs';
import { drawTokens, firstTokens } from '../data/tokens.mjs';
import { checkRequest } from '../load/requests.mjs';
import { writeRequests } from '../load/requests-file.mjs';
import { warmUp } from '../load/warm-up.mjs';
import { runProgram, worksWith } from '../machine/processes.mjs';
import { tell } from '../machine/progress.mjs';

/** The default number of keys that the service keeps in memory. */
const MEMORY_KEYS = 1_000_000;

/** The number of keys of each server in the comparison. */
const COMMON_KEYS = 1_000;

/** @typedef {{ count: number, draws: number, kind?: import('../data/database.mjs').Kind }} Wanted */
/**
 * @typedef {object} WarmService
 * @property {string} url
 * @property {import('../data/database.mjs').Prepared} prepared
 * @property {readonly string[]} tokens keys drawn by Zipf's law
 * @property {string} requestsFile a check of each
 * @property {number} pid
 * @property {number} readySeconds from the start of the process until it listened
 */
/** @typedef {import('../load/saturate.mjs').Target} Target */

/** What a run has opened. Everything is closed at its end, and after a failure, whatever happened. */
export class Open {
  /** @type {(() => Promise<void>)[]} */
  #closers = [];
  /** @type {Map<string, Promise<WarmService>>} */
  #services = new Map();
  /** @type {Promise<Record<string, Target>> | undefined} */
  #contenders;

  /**
   * A service with `count` keys, warmed up with the drawn ones: the cost of a key's first check is measured separately.
   * @param {Wanted} wanted
   * @returns {Promise<WarmService>} the same service for the same `wanted`
   */
  service(wanted) {
    const name = JSON.stringify(wanted);
    const service = this.#services.get(name) ?? this.#startService(wanted);
    this.#services.set(name, service);
    return service;
  }

  /**
   * Latchkey and those that it is compared with, by name.
   * @param {number} draws
   * @returns {Promise<Record<string, Target>>}
   */
  contenders(draws) {
    this.#contenders ??= this.#startContenders(draws);
    return this.#contenders;
  }

  /**
   * nginx in front of an API, three times: it asks the service about each request, it asks an empty answer, or it does not ask.
   * @param {WarmService} service
   */
  async gateways({ url: latchkey, prepared: { ownerKey: verifier } }) {
    const start = (/** @type {'latchkey' | 'empty' | 'nothing'} */ asks) =>
      this.#add(startGateway({ latchkey, verifier, asks }));
    const asking = await start('latchkey');
    return { asking, empty: await start('empty'), alone: await start('nothing') };
  }

  /**
   * An API that verifies keys with our middleware, or, with the protection `none`, the same API without.
   * @param {WarmService} service
   * @param {'express' | 'fastify' | 'hono'} framework
   * @param {'none' | 'batched' | 'single'} protection
   */
  async protectedApi(service, framework, protection) {
    const { url, prepared } = service;
    const answer = await sampleAnswer(service);
    return this.#add(startProtectedApi({ url, key: prepared.ownerKey, framework, protection, answer }));
  }

  /**
   * A PostgreSQL with the keys of a service over SQLite, and the services over it: two instances, and one with two workers.
   * Load on one lets the others work as well.
   * @param {Wanted & { neighbours: number }} wanted
   */
  async overPostgres({ count, draws, kind = 'limited', neighbours: neighbourCount }) {
    const prepared = await prepareDatabase(count, kind);
    const folder = copyOf(prepared);
    this.#closers.push(async () => dropCopy(folder));
    const neighbours = [];
    for (let number = 1; number <= neighbourCount; number++)
      neighbours.push(await addNeighbour(folder, number));
    const { url: databaseUrl } = await this.#add(startPostgres());
    const migrate = [binary, 'migrate', '--data-dir', folder, '--to', databaseUrl];
    const args = ['--disable-warning=ExperimentalWarning', ...migrate];
    await runProgram({ command: process.execPath, args, role: 'any' });
    const tokens = drawTokens(prepared, draws);
    const requestsFile = writeRequests(tokens.map(checkRequest));
    const env = { DATABASE_URL: databaseUrl, LATCHKEY_PEPPER_FILE: path.join(folder, 'pepper'), ...UNCAPPED };
    /** @param {string} name @param {readonly string[]} options @returns {Promise<WarmService>} */
    const start = async (name, ...options) => {
      const startedAt = performance.now();
      const { url, pid } = await this.#add(startService(path.join(folder, name), { env, options }));
      const readySeconds = (performance.now() - startedAt) / 1_000;
      await warmUp(url, tokens);
      return { url, prepared, tokens, requestsFile, pid, readySeconds };
    };
    const one = await start('one');
    const two = await start('two');
    const workers = await start('workers', '--workers', '2');
    // An instance that is stopped within a transaction would block the others.
    const all = [one, two, workers].map(({ url }) => url);
    for (const url of all) worksWith(url, ...all);
    return { one, two, workers, neighbours };
  }

  /** Closes everything. A later call starts a new service. */
  async close() {
    const closers = this.#closers.reverse();
    this.#closers = [];
    this.#services.clear();
    this.#contenders = undefined;
    for (const close of closers) await close();
  }

  /** @param {Wanted} wanted */
  async #startService({ count, draws, kind = 'limited' }) {
    const prepared = await prepareDatabase(count, kind);
    const folder = copyOf(prepared);
    this.#closers.push(async () => dropCopy(folder));
    const startedAt = performance.now();
    const { url, pid } = await this.#add(startService(folder, { env: { ...roomFor(count), ...UNCAPPED } }));
    const readySeconds = (performance.now() - startedAt) / 1_000;
    const tokens = drawTokens(prepared, draws);
    tell(`warming up a service with ${count.toLocaleString('en')} ${kind} keys`);
    await warmUp(url, tokens);
    const requestsFile = writeRequests(tokens.map(checkRequest));
    return { url, prepared, tokens, requestsFile, pid, readySeconds };
  }

  /** @param {number} draws */
  async #startContenders(draws) {
    const ours = await this.service({ count: COMMON_KEYS, draws });
    const { requestsFile } = ours;
    const answer = await sampleAnswer(ours);
    tell('starting the others');
    const known = firstTokens(ours.prepared, COMMON_KEYS);
    const [bare, fastify, nginx, inMemory, overSqlite] = await Promise.all([
      this.#add(startBareHttp(answer)),
      this.#add(startFastify(answer)),
      hasNginx ? this.#add(startNginx(known, answer)) : undefined,
      this.betterAuth('memory'),
      this.betterAuth('database'),
    ]);
    return {
      Latchkey: { url: ours.url, requestsFile },
      'bare node:http': { url: bare.url, requestsFile },
      'Fastify, fixed answer': { url: fastify.url, requestsFile },
      ...(nginx && { 'nginx with a map of the keys': { url: nginx.url, requestsFile } }),
      'better-auth, in memory': inMemory,
      'better-auth, SQLite': overSqlite,
    };
  }

  /**
   * better-auth behind a bare server: its default over SQLite, or its fastest, in memory.
   * @param {'memory' | 'database'} mode
   * @returns {Promise<Target>}
   */
  async betterAuth(mode) {
    const { url, tokens } = await this.#add(startBetterAuth(mode));
    return { url, requestsFile: writeRequests(tokens.map(checkRequest)), isSlow: true };
  }

  /**
   * @template {{ stop(): Promise<void> }} T
   * @param {Promise<T>} starting
   * @returns {Promise<T>}
   */
  async #add(starting) {
    const started = await starting;
    this.#closers.push(() => started.stop());
    return started;
  }
}

/** Members own more keys here than the default cap lets them make. */
const UNCAPPED = { LATCHKEY_KEYS_PER_MEMBER_MAX: '1000000000' };

/** @param {number} count @returns {NodeJS.ProcessEnv} settings with which all keys have room in memory */
export function roomFor(count) {
  return count < MEMORY_KEYS ? {} : { LATCHKEY_MEMORY_KEYS: String(Math.ceil(count * 1.1)) };
}

/** @param {{ url: string, tokens: readonly string[] }} service @returns {Promise<string>} the body of a good check */
async function sampleAnswer({ url, tokens }) {
  const headers = { authorization: `Bearer ${tokens[0]}` };
  const response = await fetch(`${url}/api/v2/api-keys/check`, { headers });
  if (!response.ok) throw new Error(`A prepared key was denied: ${await response.text()}`);
  return response.text();
}
