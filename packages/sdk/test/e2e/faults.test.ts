import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Latchkey } from '../../src/index.ts';
import { APPS, type AppName, type RunningApp, startApp } from '../adapters/app.ts';
import { FAULTS, type Fault, type FaultName, inject, VALID } from '../faults.ts';
import { abandonedUrl } from '../peer.ts';

const key = 'lk_live_presented';
/** Short, because the faults without a whole response take all of it. */
const SHORT_TIMEOUT_MS = 250;
const ENDLESS: readonly string[] = ['no response', 'a slow body'];

/** The faults that are an outage: only these may let a request pass, and only with `whenUnavailable: 'allow'`. */
const OUTAGES: readonly (FaultName | 'no server')[] = [
  'no server',
  'no response',
  'a connection reset',
  'a connection reset within the body',
  'a slow body',
  'an error 500 of the service',
  'an error 503 of the service',
  'an error 429 of the service',
  'an error 500 that says valid',
  '502 with HTML',
  'the verdict UNAVAILABLE',
];

let peer: Server;
let url: string;
let fault: Fault;
/** The apps with a short timeout, and those with the default one. */
const apps = { short: new Map<AppName, RunningApp>(), long: new Map<AppName, RunningApp>() };
const APP_NAMES = Object.keys(APPS) as AppName[];
const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];

beforeAll(async () => {
  peer = createServer((request, response) => {
    request.resume().on('end', () => inject(fault, request, response));
  });
  await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(peer.address() as AddressInfo).port}`;
  for (const name of APP_NAMES) {
    apps.short.set(name, await startApp(name, client(SHORT_TIMEOUT_MS)));
    apps.long.set(name, await startApp(name, client()));
  }
});
afterAll(() => {
  for (const app of [...apps.short.values(), ...apps.long.values()]) app.close();
  peer.closeAllConnections();
  peer.close();
});

const client = (timeoutMs = 10_000) => new Latchkey({ url, key: 'lk_live_client', timeoutMs });
const appFor = (name: AppName, fault: string) =>
  (ENDLESS.includes(fault) ? apps.short : apps.long).get(name) as RunningApp;

async function get(app: RunningApp, path: string) {
  const response = await fetch(app.url + path, { headers: { authorization: `Bearer ${key}` } });
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, code: body.code, retryAfter: response.headers.get('retry-after'), body };
}

/** The careless ways to use a result; each lets in a caller for whom it is true. */
const CARELESS: readonly [string, (latchkey: Latchkey) => Promise<unknown>][] = [
  ['if (await keys.verify(…))', (latchkey) => latchkey.keys.verify({ key })],
  ['if ((await keys.verify(…)).valid)', async ({ keys }) => (await keys.verify({ key })).valid],
  ['if (await keys.require(…))', (latchkey) => latchkey.keys.require({ key })],
  ['if ((await keys.verifyMany(…)).length)', async ({ keys }) => (await keys.verifyMany([{ key }])).length],
];

describe.each(FAULT_NAMES)('instead of a verdict, %s', (name) => {
  beforeAll(() => {
    fault = FAULTS[name];
  });

  test.concurrent.each(APP_NAMES)('%s: denied with 503, and the handler does not run', async (app) => {
    expect(await get(appFor(app, name), '/any')).toMatchObject({
      status: 503,
      code: 'UNAVAILABLE',
      retryAfter: '1',
    });
  });

  test.concurrent.each(APP_NAMES)(
    '%s: whenUnavailable: allow lets pass only an outage, and marks it',
    async (app) => {
      const { status, body } = await get(appFor(app, name), '/allowing');
      if (OUTAGES.includes(name)) expect([status, body]).toEqual([200, { keyId: null, unverified: true }]);
      else expect([status, body.code]).toEqual([503, 'UNAVAILABLE']);
    },
  );

  test.concurrent.each(CARELESS)('%s lets no key in', async (_, call) => {
    const result = await call(client(ENDLESS.includes(name) ? SHORT_TIMEOUT_MS : undefined)).catch(
      () => false,
    );
    // A denial that the service itself returned is a verdict, not a fault: a result, but not a valid one.
    const isVerdict = typeof result === 'object' || typeof result === 'number';
    if (name !== 'the verdict UNAVAILABLE' || !isVerdict) expect(result).toBe(false);
  });
});

test.each(APP_NAMES)('without a fault, %s lets the key pass', async (app) => {
  fault = VALID;
  expect(await get(appFor(app, ''), '/any')).toMatchObject({ status: 200, body: { keyId: 'key_1' } });
});

describe('without a server', () => {
  test.each(APP_NAMES)(
    '%s: denied with 503; whenUnavailable: allow lets pass, and marks it',
    async (name) => {
      const latchkey = new Latchkey({
        url: await abandonedUrl(),
        key: 'lk_live_client',
      });
      const app = await startApp(name, latchkey);
      expect(await get(app, '/any')).toMatchObject({ status: 503, code: 'UNAVAILABLE' });
      expect((await get(app, '/allowing')).body).toEqual({ keyId: null, unverified: true });
      app.close();
    },
  );
});
