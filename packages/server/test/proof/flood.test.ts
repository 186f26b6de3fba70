import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { generateKeyText } from '../../src/domain/keys/key-text.ts';
import { KeptConnection } from '../harness/kept-connection.ts';
import { requestBytes } from '../harness/raw-http.ts';
import { initDataDir, startService } from '../harness/service-process.ts';
import { cannotReadSizes, sizeOf } from './soak/process-size.ts';

const SECONDS = Number(process.env.FLOOD_SECONDS ?? 8);
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

/** Asks again and again until the time is over, and counts the statuses of the answers. */
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

/** Sends requests without waiting for answers, on one connection after the other, since they may be cut. */
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

/** Good keys are asked about while something else goes on, for half of the time. */
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

test(`keys that nobody has, as fast as they come for ${SECONDS} s: good keys stay good and go first, and memory is bounded`, async (context) => {
  context.skip(reason !== null, reason ?? '');
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-flood-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const { key } = await initDataDir(dataDir);
  const service = await startService({ dataDir });
  onTestFinished(() => service.kill());
  const port = Number(new URL(service.url).port);
  const good = check(key);
  // Code is compiled and the heap finds its size.
  await Promise.all(
    Array.from({ length: FLOODING }, () => askUntil(performance.now() + 2_000, port, () => good)),
  );
  const before = sizeOf(service.pid).resident;

  const [sent, refused] = await besideGoodKeys(port, good, (end) =>
    Promise.all(
      Array.from({ length: FLOODING }, () => askUntil(end, port, () => check(generateKeyText('lk', 'live')))),
    ),
  );
  const growth = sizeOf(service.pid).resident - before;
  // Here only what is answered counts: of requests that nobody waits for, the engine collects what is left when it likes.
  const [sentBesidePouring] = await besideGoodKeys(port, good, (end) => pourUntil(end, port));

  const [goods, strangers] = [total(sent, 200), total(refused, 401)];
  process.stdout.write(
    `flood proof: ${goods} good, ${strangers} refused, grown by ${(growth / 2 ** 20).toFixed(1)} MiB\n`,
  );
  expect(othersThan(200, [...sent, ...sentBesidePouring]), 'wrong answers to a good key').toEqual([]);
  expect(othersThan(401, refused), 'answers to strangers').toEqual([]);
  expect(growth).toBeLessThan(GROWTH_MAX);
  // Eight times as many strangers ask; in the order in which they come they would have eight answers to one.
  expect(strangers / FLOODING).toBeLessThan(goods / ASKING);
});
