import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpClient } from '../harness/http-client.ts';
import { seedFrom } from '../harness/random.ts';
import { requestBytes } from '../harness/raw-http.ts';
import { type FirstWorkspace, initDataDir, startService } from '../harness/service-process.ts';
import type { Load, Report, Sample } from './orderly-stop/client.mjs';
import { proofSize } from './sizes.ts';

const STOPS = proofSize('ORDERLY_STOPS');
const SEED = seedFrom('ORDERLY_STOPS_SEED');
/** The number of connections with calls, in turn. A tenth of that number is added as idle connections. */
const CONNECTIONS = [64, 128, 192];
const CLIENT = fileURLToPath(new URL('orderly-stop/client.mjs', import.meta.url));
/** A generous bound for a busy machine. */
const TIMEOUT = { timeout: 120_000 + STOPS * 30_000 };

let dataDir: string;
let owner: FirstWorkspace;
let client: ChildProcess;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'latchkey-stop-'));
  owner = await initDataDir(dataDir);
  client = fork(CLIENT);
});
afterAll(() => {
  client.kill();
  rmSync(dataDir, { recursive: true });
});

test(
  `SIGTERM cuts no request whose first byte has arrived: ${STOPS} stops under load on kept connections`,
  TIMEOUT,
  async () => {
    const sum = { answered: 0, cut: [] as string[], wrong: [] as string[], slowestMs: 0 };
    for (let stop = 0; stop < STOPS; stop++) {
      const { report, stoppedInMs } = await stopUnderLoad(stop);
      sum.answered += report.answered;
      sum.cut.push(...report.cut.map((cut) => `stop ${stop}: ${cut}`));
      sum.wrong.push(...report.wrong.map((wrong) => `stop ${stop}: ${wrong}`));
      sum.slowestMs = Math.max(sum.slowestMs, stoppedInMs);
      expect(report.asked).toBe(report.answered + report.cut.length);
    }
    const { answered, cut, slowestMs } = sum;
    console.log(
      `${STOPS} stops, seed ${SEED}: ${answered} answered, ${cut.length} cut; the slowest stop took ${Math.round(slowestMs)} ms`,
    );
    expect(sum).toMatchObject({ cut: [], wrong: [] });
  },
);

async function stopUnderLoad(stop: number): Promise<{ report: Report; stoppedInMs: number }> {
  const service = await startService({ dataDir });
  const { port } = new URL(service.url);
  const connections = CONNECTIONS[stop % CONNECTIONS.length] ?? 64;
  const samples = await samplesFor(service.url);
  const load: Load = { port: Number(port), connections, idle: connections / 8, seed: SEED + stop, samples };
  const reported = once(client, 'message');
  client.send(load);
  await sleep(300 + 17 * (stop % 20));
  const begun = performance.now();
  expect(await service.stop()).toBe(0);
  const stoppedInMs = performance.now() - begun;
  const [report] = (await reported) as [Report];
  return { report, stoppedInMs };
}

/** Calls on the fast path and calls through the router, with and without a body, from memory and after a commit. */
async function samplesFor(url: string): Promise<Sample[]> {
  const http = new HttpClient(url);
  const body = { name: 'key', userId: owner.userId, rateLimit: { requestsPerDay: 1_000_000 } };
  const created = await http.call('POST', '/api/v2/api-keys', { as: owner.key, body });
  http.close();
  const { apiKey, key } = created.body.data.result;
  const keys = '/api/v2/api-keys';
  return [
    sample('check', 'GET', `${keys}/check`, key),
    sample('verify', 'POST', `${keys}/verify`, owner.key, { key }),
    sample('verify many', 'POST', `${keys}/verify-many`, owner.key, { checks: [{ key }, { key }] }),
    sample('me', 'GET', '/api/v2/me', owner.key),
    sample('list', 'GET', `${keys}?limit=5`, owner.key),
    sample('update', 'PATCH', `${keys}/${apiKey.id}`, owner.key, { name: 'changed' }),
  ];
}

function sample(name: string, method: string, path: string, as: string, body?: object): Sample {
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers: [string, string][] = [
    ['Host', '127.0.0.1'],
    ['Authorization', `Bearer ${as}`],
  ];
  if (body !== undefined)
    headers.push(['Content-Type', 'application/json'], ['Content-Length', String(text.length)]);
  const bytes = requestBytes(`${method} ${path} HTTP/1.1`, headers, text);
  return { name, bytes: bytes.toString('latin1') };
}
