import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { HttpClient } from '../../harness/http-client.ts';
import { requestBytes } from '../../harness/raw-http.ts';
import type { FirstWorkspace, ServiceProcess } from '../../harness/service-process.ts';
import type { Load, Report, Sample } from './client.mjs';

/** The program that loads a service, as a process of its own. */
export const LOAD_CLIENT = fileURLToPath(new URL('client.mjs', import.meta.url));

interface StopLoad {
  /** With calls. An eighth of that number is added as idle connections. */
  readonly connections: number;
  readonly seed: number;
  /** Milliseconds before the stop. */
  readonly runsMs: number;
}

/** Stops the service while the client calls it on kept connections, and returns which calls were answered. */
export async function stopUnderLoad(
  client: ChildProcess,
  service: ServiceProcess,
  owner: FirstWorkspace,
  { connections, seed, runsMs }: StopLoad,
): Promise<{ report: Report; stoppedInMs: number }> {
  const { port } = new URL(service.url);
  const samples = await samplesFor(service.url, owner);
  const load: Load = { port: Number(port), connections, idle: connections / 8, seed, samples };
  const reported = once(client, 'message');
  client.send(load);
  await sleep(runsMs);
  const begun = performance.now();
  expect(await service.stop()).toBe(0);
  const stoppedInMs = performance.now() - begun;
  const [report] = (await reported) as [Report];
  return { report, stoppedInMs };
}

/** Calls on the fast path and calls through the router, with and without a body, from memory and after a commit. */
async function samplesFor(url: string, owner: FirstWorkspace): Promise<Sample[]> {
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
