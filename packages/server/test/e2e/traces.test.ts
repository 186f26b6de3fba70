import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { CanaryScanner } from '../harness/canary-scanner.ts';
import { HttpClient } from '../harness/http-client.ts';
import {
  type FirstWorkspace,
  initDataDir,
  type ServiceProcess,
  startService,
} from '../harness/service-process.ts';
import { type ReceivedSpan, startTraceReceiver, type TraceReceiver } from '../harness/trace-receiver.ts';

const PRELOAD = new URL('loaded-files.preload.mjs', import.meta.url).href;
/** The kind of a span of a request, as OTLP numbers it. */
const SERVER = 2;
const CHECK = '/api/v2/api-keys/check';
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT_ID = '00f067aa0ba902b7';

let folder: string;
let owner: FirstWorkspace;
let collector: TraceReceiver;
let service: ServiceProcess;
let client: HttpClient;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-traces-'));
  owner = await initDataDir(join(folder, 'data'));
  collector = await startTraceReceiver();
});
afterAll(async () => {
  await service.kill();
  collector.close();
  rmSync(folder, { recursive: true });
});

async function start(env: Record<string, string>): Promise<void> {
  const LOADED_FILES = join(folder, 'loaded.json');
  const dataDir = join(folder, 'data');
  service = await startService({ dataDir, preload: PRELOAD, env: { LOADED_FILES, ...env } });
  client = new HttpClient(service.url);
}

/** Stops the service, and returns its exit code. */
function stop(): Promise<number | null> {
  client.close();
  return service.stop();
}

/** The text of the files of the program that the stopped process has loaded. */
function loadedCode(): string {
  const urls = JSON.parse(readFileSync(join(folder, 'loaded.json'), 'utf8')) as string[];
  const files = urls.filter((url) => url.startsWith('file:'));
  expect(files.length).toBeGreaterThan(0);
  return files.map((url) => readFileSync(fileURLToPath(url), 'utf8')).join('\n');
}

test('without a collector, nothing of OpenTelemetry is loaded', async () => {
  await start({ OTEL_SERVICE_NAME: 'keys' });
  expect((await client.call('GET', CHECK, { as: owner.key })).status).toBe(200);
  expect(await stop()).toBe(0);
  expect(loadedCode()).not.toContain('node_modules/@opentelemetry/');
});

test('every request is a span with its method and route, and what it waited for are its children, without a secret or value', async () => {
  await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_SERVICE_NAME: 'keys',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  });
  const headers = {
    traceparent: `00-${TRACE_ID}-${PARENT_ID}-01`,
    tracestate: 'vendor=canary-of-a-state',
    'user-agent': 'canary-of-an-agent',
  };
  const create = { name: 'canary-of-a-name', userId: owner.userId };
  const created = await client.call('POST', '/api/v2/api-keys', { as: owner.key, body: create, headers });
  const { key, apiKey } = created.body.data.result;
  await client.call('GET', `${CHECK}?permissions=api-keys:read&cost=77`, { as: key });
  await client.call('GET', CHECK, { as: key });
  await client.call('POST', '/api/v2/api-keys/verify', { as: owner.key, body: { key } });
  await client.call('GET', `/api/v2/api-keys/${apiKey.id}`, { as: owner.key });
  await client.call('GET', `/api/v2/canary-of-a-path/${key}`, { as: owner.key });

  const requests = await receivedRequests(6);
  const spans = collector.spans();
  expect(requests.map(({ name, attributes }) => [name, attributes])).toEqual([
    served('POST', '/api/v2/api-keys', 201),
    served('GET', CHECK, 200),
    served('GET', CHECK, 200),
    served('POST', '/api/v2/api-keys/verify', 200),
    served('GET', '/api/v2/api-keys/{id}', 200),
    // A key in the path.
    ['GET', { 'http.request.method': 'GET', 'http.response.status_code': 400 }],
  ]);
  const [creation, firstCheck, secondCheck] = requests as [ReceivedSpan, ReceivedSpan, ReceivedSpan];
  expect(creation).toMatchObject({ traceId: TRACE_ID, parentSpanId: PARENT_ID, hasFailed: false });
  const childrenOf = ({ traceId, spanId }: ReceivedSpan) =>
    spans.filter((span) => span.traceId === traceId && span.parentSpanId === spanId);
  expect(childrenOf(creation)).toContainEqual(
    expect.objectContaining({ name: 'TRANSACTION', attributes: { 'db.system.name': 'sqlite' } }),
  );
  expect(childrenOf(firstCheck)).toContainEqual(
    expect.objectContaining({
      name: 'SELECT api_keys',
      attributes: {
        'db.system.name': 'sqlite',
        'db.operation.name': 'SELECT',
        'db.collection.name': 'api_keys',
      },
    }),
  );
  // From memory.
  expect(childrenOf(secondCheck)).toEqual([]);

  expect(collector.resource()).toMatchObject({ 'service.name': 'keys' });
  const received = collector.bodies.join('\n');
  const secrets = new CanaryScanner(
    new Map([
      ['key', key],
      ['owner', owner.key],
    ]),
  );
  expect(secrets.scan('traces', received)).toEqual([]);
  for (const value of ['canary', owner.userId, owner.workspaceId, apiKey.id, 'cost', '127.0.0.1'])
    expect(received).not.toContain(value);
});

/** Waits until the spans of this many requests have arrived. */
async function receivedRequests(count: number): Promise<ReceivedSpan[]> {
  const requests = () => collector.spans().filter(({ kind }) => kind === SERVER);
  await vi.waitFor(() => expect(requests()).toHaveLength(count), 10_000);
  return requests();
}

function served(method: string, route: string, status: number) {
  const attributes = {
    'http.request.method': method,
    'http.route': route,
    'http.response.status_code': status,
  };
  return [`${method} ${route}`, attributes];
}

test('what concurrent requests wait for is a child of the request that waits for it', async () => {
  const earlier = collector.spans().filter(({ kind }) => kind === SERVER).length;
  // More than may run at once, so that some wait for a place of others.
  const numbers = Array.from({ length: 80 }, (_, index) => index + 1);
  const headersOf = (number: number) => ({ traceparent: `00-${traceOf(number)}-${PARENT_ID}-01` });
  const keys = await Promise.all(
    numbers.map(async (number) => {
      const body = { name: `key ${number}`, userId: owner.userId };
      const call = { as: owner.key, body, headers: headersOf(number) };
      return (await client.call('POST', '/api/v2/api-keys', call)).body.data.result.key as string;
    }),
  );
  await Promise.all(
    keys.map((key, index) => client.call('GET', CHECK, { as: key, headers: headersOf(100 + index) })),
  );
  await receivedRequests(earlier + 2 * numbers.length);
  const counts = new Map<string, number>();
  for (const { traceId, name } of collector.spans())
    counts.set(`${traceId} ${name}`, (counts.get(`${traceId} ${name}`) ?? 0) + 1);
  const countsOf = (name: string, first: number) =>
    numbers.map((_, index) => counts.get(`${traceOf(first + index)} ${name}`));
  expect(countsOf('TRANSACTION', 1)).toEqual(numbers.map(() => 1));
  expect(countsOf('SELECT api_keys', 100)).toEqual(numbers.map(() => 1));
});

function traceOf(number: number): string {
  return number.toString(16).padStart(32, '0');
}

test('a collector that fails and then hangs delays neither requests nor the stop by more than a second, and is logged once', async () => {
  collector.answerWith(400);
  const earlier = collector.bodies.length;
  const check = async () => (await client.call('GET', CHECK, { as: owner.key })).status;
  for (const exports of [1, 2, 3]) {
    expect(await check()).toBe(200);
    await vi.waitFor(() => expect(collector.bodies.length).toBeGreaterThanOrEqual(earlier + exports), 10_000);
  }
  const failed = collector.bodies.length;
  collector.answerWith(null);
  const statuses = await Promise.all(Array.from({ length: 20 }, check));
  expect(new Set(statuses)).toEqual(new Set([200]));
  await vi.waitFor(() => expect(collector.bodies.length).toBeGreaterThan(failed), 10_000);
  const stopping = performance.now();
  expect(await stop()).toBe(0);
  // The drain, one second for the collector, and a margin for a busy machine; a hanging request would last ten seconds.
  expect(performance.now() - stopping).toBeLessThan(6_000);
  expect(service.output.match(/the collector of traces/g)).toHaveLength(1);
  expect(loadedCode()).toContain('node_modules/@opentelemetry/sdk-trace');
});
