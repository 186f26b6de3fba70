import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DebianPostgres } from '../harness/debian-postgres.ts';
import { HttpClient } from '../harness/http-client.ts';
import {
  type FirstWorkspace,
  runInit,
  type ServiceProcess,
  startService,
} from '../harness/service-process.ts';

/** Rounds with synchronous and with asynchronous replication. */
const ROUNDS = Number(process.env.FAILOVERS ?? 50);
const ASYNCHRONOUS_ROUNDS = Number(process.env.ASYNCHRONOUS_FAILOVERS ?? 5);
const KEYS = '/api/v2/api-keys';
/** Clients that create and revoke keys without a pause. */
const CLIENTS = 6;
const BEFORE_CRASH_MS = 1_000;
/** A bound for what hangs. */
const RECOVERY_MS_MAX = 60_000;

let primary: DebianPostgres;
let standby: DebianPostgres;
let address: Address;
let folder: string;
let owner: FirstWorkspace;
let service: ServiceProcess;
let client: HttpClient;

beforeAll(async () => {
  primary = await DebianPostgres.primary('latchkey');
  standby = await primary.standby();
  address = await Address.of(primary.port);
  folder = mkdtempSync(path.join(tmpdir(), 'latchkey-failover-'));
  const env = { DATABASE_URL: `postgres://postgres@127.0.0.1:${address.port}/latchkey` };
  owner = await runInit(path.join(folder, 'data'), env);
  service = await startService({ dataDir: path.join(folder, 'data'), env });
  client = new HttpClient(service.url);
}, 120_000);
afterAll(async () => {
  client?.close();
  await service?.kill();
  await address?.close();
  await Promise.all([primary?.remove(), standby?.remove()]);
  rmSync(folder, { recursive: true, force: true });
});

/** An address that always leads to the primary, as a proxy or a name of the operator does. */
class Address {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  readonly #target: { port: number };

  private constructor(server: Server, sockets: Set<Socket>, target: { port: number }) {
    const address = server.address();
    this.port = typeof address === 'object' && address ? address.port : 0;
    this.#server = server;
    this.#sockets = sockets;
    this.#target = target;
  }

  static async of(port: number): Promise<Address> {
    const target = { port };
    const sockets = new Set<Socket>();
    // Without delay, as the driver sends: else each small message waits up to 40 ms for an acknowledgement.
    const server = createServer({ noDelay: true }, (socket) => {
      const upstream = connect({ port: target.port, host: '127.0.0.1', noDelay: true });
      const end = () => {
        for (const each of [socket, upstream]) each.destroy();
      };
      for (const each of [socket, upstream]) {
        sockets.add(each);
        each.on('error', end).on('close', () => {
          sockets.delete(each);
          end();
        });
      }
      socket.pipe(upstream).pipe(socket);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    return new Address(server, sockets, target);
  }

  pointTo(port: number): void {
    this.#target.port = port;
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** What the service has acknowledged. */
interface Acknowledged {
  /** The texts of the keys that it created and was not asked to revoke. */
  readonly created: string[];
  readonly revoked: string[];
  /** Answers that said that the outcome is unknown. */
  unconfirmed: number;
  /** Other answers than success, by status. */
  denied: number;
  /** When the first change after the crash was acknowledged, in milliseconds of the monotonic clock. */
  firstAfterCrash: number | null;
}

async function change(method: string, target: string, body?: object) {
  return client.call(method, target, { as: owner.key, ...(body && { body }) });
}

/** Creates keys, and revokes every second one, until the signal is aborted. */
async function changeKeys(
  acknowledged: Acknowledged,
  round: { crashedAt: number | null },
  signal: AbortSignal,
) {
  const note = ({ status, body }: { status: number; body: { data?: { error?: { code?: string } } } }) => {
    if (status < 300 && round.crashedAt !== null) acknowledged.firstAfterCrash ??= performance.now();
    if (body?.data?.error?.code === 'COMMIT_UNCONFIRMED') acknowledged.unconfirmed++;
    else if (status >= 300) acknowledged.denied++;
    return status < 300;
  };
  for (let count = 0; !signal.aborted; count++) {
    const made = await change('POST', KEYS, { name: 'Key', userId: owner.userId });
    if (!note(made)) {
      await pause(20);
      continue;
    }
    const { apiKey, key } = made.body.data.result;
    // A key of which the revocation was asked for and not acknowledged may be either.
    if (count % 2 === 0) acknowledged.created.push(key);
    else if (note(await change('DELETE', `${KEYS}/${apiKey.id}`))) acknowledged.revoked.push(key);
  }
}

async function codeOf(key: string): Promise<string> {
  for (;;) {
    const { status, body } = await client.call('GET', `${KEYS}/check`, { as: key });
    if (status === 200) return 'VALID';
    if (status !== 503) return body.data.error.code;
    await pause(20);
  }
}

interface Round {
  readonly created: number;
  readonly revoked: number;
  readonly lost: number;
  readonly undone: number;
  readonly unconfirmed: number;
  readonly denied: number;
  /** From the crash to the first acknowledged change; and from the end of the promotion. */
  readonly secondsToWrite: number;
  readonly secondsAfterPromotion: number;
}

/** Crashes the primary under load and promotes the standby, which becomes the primary of the next round. */
async function failOver(isSynchronous: boolean): Promise<Round> {
  await primary.setSynchronous(isSynchronous);
  await untilStreaming(isSynchronous);
  const acknowledged: Acknowledged = {
    created: [],
    revoked: [],
    unconfirmed: 0,
    denied: 0,
    firstAfterCrash: null,
  };
  const round: { crashedAt: number | null } = { crashedAt: null };
  const load = new AbortController();
  const clients = Array.from({ length: CLIENTS }, () => changeKeys(acknowledged, round, load.signal));
  await pause(BEFORE_CRASH_MS);
  if (!isSynchronous) await stopReceiving();
  await primary.crash();
  round.crashedAt = performance.now();
  await standby.promote();
  await standby.setSynchronous(false);
  const promotedAt = performance.now();
  address.pointTo(standby.port);
  while (acknowledged.firstAfterCrash === null) {
    expect(performance.now() - promotedAt).toBeLessThan(RECOVERY_MS_MAX);
    await pause(5);
  }
  load.abort();
  await Promise.all(clients);
  const [kept, revoked] = await Promise.all(
    [acknowledged.created, acknowledged.revoked].map((keys) => Promise.all(keys.map(codeOf))),
  );
  await primary.remove();
  primary = standby;
  standby = await primary.standby();
  return {
    created: acknowledged.created.length,
    revoked: acknowledged.revoked.length,
    lost: (kept ?? []).filter((code) => code !== 'VALID').length,
    undone: (revoked ?? []).filter((code) => code === 'VALID').length,
    unconfirmed: acknowledged.unconfirmed,
    denied: acknowledged.denied,
    secondsToWrite: (acknowledged.firstAfterCrash - round.crashedAt) / 1_000,
    secondsAfterPromotion: (acknowledged.firstAfterCrash - promotedAt) / 1_000,
  };
}

async function untilStreaming(isSynchronous: boolean): Promise<void> {
  const wanted = isSynchronous ? 'sync' : 'async';
  for (const ends = performance.now() + RECOVERY_MS_MAX; ; await pause(50)) {
    const [row] = await primary.query("select sync_state from pg_stat_replication where state = 'streaming'");
    if (row?.sync_state === wanted) return;
    expect(performance.now(), 'the standby does not stream').toBeLessThan(ends);
  }
}

/** The standby receives nothing from now on, as if the network between both were cut 300 ms before the crash. */
async function stopReceiving(): Promise<void> {
  await standby.query("alter system set primary_conninfo = ''");
  await standby.query('select pg_reload_conf()');
  await pause(300);
}

function tableOf(rounds: readonly Round[]) {
  const sum = (of: (round: Round) => number) => rounds.reduce((total, round) => total + of(round), 0);
  const seconds = (of: (round: Round) => number) => {
    const sorted = rounds.map(of).toSorted((a, b) => a - b);
    const at = (part: number) =>
      (sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0).toFixed(2);
    return `${at(0.5)} / ${at(1)}`;
  };
  return {
    failovers: rounds.length,
    'creates acknowledged': sum(({ created }) => created),
    'of these lost': sum(({ lost }) => lost),
    'revokes acknowledged': sum(({ revoked }) => revoked),
    'of these undone': sum(({ undone }) => undone),
    'outcome unknown (503)': sum(({ unconfirmed }) => unconfirmed),
    'other denials': sum(({ denied }) => denied),
    'seconds to the first write, p50 / max': seconds(({ secondsToWrite }) => secondsToWrite),
    'of these after the promotion': seconds(({ secondsAfterPromotion }) => secondsAfterPromotion),
  };
}

async function run(count: number, isSynchronous: boolean): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let round = 0; round < count; round++) {
    rounds.push(await failOver(isSynchronous));
    if ((round + 1) % 10 === 0) console.log(`${round + 1} of ${count} failovers`);
  }
  console.table({ [isSynchronous ? 'synchronous' : 'asynchronous']: tableOf(rounds) });
  return rounds;
}

test('with synchronous replication no acknowledged create is lost and no acknowledged revoke undone by a failover', {
  timeout: 60_000 + ROUNDS * 60_000,
}, async () => {
  const rounds = await run(ROUNDS, true);
  expect(rounds.filter(({ lost, undone }) => lost + undone > 0)).toEqual([]);
  expect(rounds.every(({ created, revoked }) => created > 0 && revoked > 0)).toBe(true);
});

test('with asynchronous replication a failover loses what the standby had not received, and the service goes on', {
  timeout: 60_000 + ASYNCHRONOUS_ROUNDS * 60_000,
}, async () => {
  const rounds = await run(ASYNCHRONOUS_ROUNDS, false);
  expect(rounds.some(({ lost, undone }) => lost + undone > 0)).toBe(true);
});
