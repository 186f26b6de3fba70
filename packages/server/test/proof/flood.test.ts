import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { generateKeyText } from '../../src/domain/shared/tokens.ts';
import { KeptConnection } from '../harness/kept-connection.ts';
import { requestBytes } from '../harness/raw-http.ts';
import { initDataDir, startService } from '../harness/service-process.ts';
import { proofSize } from './sizes.ts';
import { cannotReadSizes, sizeOf } from './soak/process-size.ts';

const SECONDS = proofSize('FLOOD_SECONDS');
const FLOODING = 64;
const ASKING = 8;
/** Requests that one client sends without waiting for any answer. */
const UNASKED = 2_000;
const GROWTH_MAX = 50 * 2 ** 20;

const reason = cannotReadSizes();

function check(key: string): Buffer {
  const headers = [
    ['Host', 'latchkey.test'],
    ['Authorization', `Bearer ${key}`],
  ] as const;
  return requestBytes('GET /api/v2/api-keys/check HTTP/1.1', headers);
}

/** Sends one request after another until `end`, and counts the statuses of the answers. */
async function askUntil(end: number, port: number, next: () => Buffer): Promise<Map<number, number>> {
  const connection = new KeptConnection(port);
  const statuses = new Map<number, number>();
  while (performance.now() < end) {
    const { status } = await connection.ask(next());
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  connection.close();
  return statuses;
}

/** Sends requests without waiting for answers, on one connection after another, since the service may close them. */
async function pourUntil(end: number, port: number): Promise<void> {
  while (performance.now() < end) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {}).resume();
    socket.write(Buffer.concat(Array.from({ length: UNASKED }, () => check(generateKeyText('lk', 'live')))));
    await new Promise<void>((done) => {
      socket.once('close', () => done());
      setTimeout(() => socket.destroy(), 1_000);
    });
  }
}

/** Checks valid keys while another load runs, for half of the time. */
async function besideGoodKeys<T>(
  port: number,
  good: Buffer,
  work: (end: number) => Promise<T>,
): Promise<[Map<number, number>[], T]> {
  const end = performance.now() + SECONDS * 500;
  const asking = Array.from({ length: ASKING }, () => askUntil(end, port, () => good));
  return Promise.all([Promise.all(asking), work(end)]);
}

function othersThan(status: number, counts: readonly Map<number, number>[]): number[] {
  return counts.flatMap((count) => [...count.keys()]).filter((other) => other !== status);
}

function total(counts: readonly Map<number, number>[], status: number): number {
  return counts.reduce((sum, count) => sum + (count.get(status) ?? 0), 0);
}

/** A key that was valid, and has been revoked. */
async function revokedKey(
  url: string,
  { key: credential, userId }: { key: string; userId: string },
): Promise<string> {
  const headers = { authorization: `Bearer ${credential}` };
  const keys = `${url}/api/v2/api-keys`;
  const body = JSON.stringify({ name: 'Revoked', userId });
  const withType = { ...headers, 'content-type': 'application/json' };
  const created = await fetch(keys, { method: 'POST', headers: withType, body });
  const { data } = (await created.json()) as { data: { result: { key: string; apiKey: { id: string } } } };
  const { key, apiKey } = data.result;
  expect((await fetch(`${keys}/${apiKey.id}`, { method: 'DELETE', headers })).status).toBe(200);
  return key;
}

test(`a flood of unknown keys and a revoked one for ${SECONDS} s: valid keys are still accepted and served first, and memory is bounded`, async (context) => {
  context.skip(reason !== null, reason ?? '');
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-flood-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const owner = await initDataDir(dataDir);
  const service = await startService({ dataDir });
  onTestFinished(() => service.kill());
  const port = Number(new URL(service.url).port);
  const good = check(owner.key);
  const revoked = check(await revokedKey(service.url, owner));
  const bad = (client: number) => (client % 2 === 0 ? revoked : check(generateKeyText('lk', 'live')));
  // Warm-up: code is compiled, and the heap grows to its usual size.
  await Promise.all(
    Array.from({ length: FLOODING }, () => askUntil(performance.now() + 2_000, port, () => good)),
  );
  const before = sizeOf(service.pid).resident;

  const [sent, denied] = await besideGoodKeys(port, good, (end) =>
    Promise.all(Array.from({ length: FLOODING }, (_, client) => askUntil(end, port, () => bad(client)))),
  );
  const growth = sizeOf(service.pid).resident - before;
  // Memory is not asserted here: the clients do not wait for answers, and the engine may collect the garbage later.
  const [sentBesidePouring] = await besideGoodKeys(port, good, (end) => pourUntil(end, port));

  const [goods, bads] = [total(sent, 200), total(denied, 401)];
  process.stdout.write(
    `flood proof: ${goods} good, ${bads} denied, grown by ${(growth / 2 ** 20).toFixed(1)} MiB\n`,
  );
  expect(othersThan(200, [...sent, ...sentBesidePouring]), 'wrong answers to a good key').toEqual([]);
  expect(othersThan(401, denied), 'answers to bad keys').toEqual([]);
  expect(growth).toBeLessThan(GROWTH_MAX);
  // Bad keys come from eight times as many clients; served in order of arrival, they would get eight answers to one.
  expect(bads).toBeLessThan(goods);
});
