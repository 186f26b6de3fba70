import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DebianPostgres } from '../harness/debian-postgres.ts';
import { RollingLoad } from '../harness/rolling-load.ts';
import {
  type FirstWorkspace,
  runInit,
  type ServiceProcess,
  startService,
} from '../harness/service-process.ts';

const RESTARTS = Number(process.env.ROLLING_RESTARTS ?? 50);
/** Verifications a second, over all instances. */
const RATE = Number(process.env.ROLLING_RATE ?? 2_000);
const INSTANCES = ['one', 'two'];

let postgres: DebianPostgres;
let folder: string;
let owner: FirstWorkspace;
const env: Record<string, string> = {};
const running = new Map<string, ServiceProcess>();

beforeAll(async () => {
  postgres = await DebianPostgres.primary('latchkey');
  folder = mkdtempSync(path.join(tmpdir(), 'latchkey-rolling-'));
  // Longer than the load needs to notice that an instance is not ready.
  env.LATCHKEY_STOP_DELAY_SECONDS = '1';
  env.DATABASE_URL = postgres.url('latchkey');
  env.LATCHKEY_PEPPER_FILE = path.join(folder, 'one', 'pepper');
  owner = await runInit(path.join(folder, 'one'), env);
  for (const name of INSTANCES.slice(1))
    cpSync(path.join(folder, 'one'), path.join(folder, name), { recursive: true });
  await Promise.all(INSTANCES.map(start));
}, 120_000);
afterAll(async () => {
  await Promise.all([...running.values()].map((instance) => instance.kill()));
  await postgres?.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function start(name: string): Promise<ServiceProcess> {
  const instance = await startService({ dataDir: path.join(folder, name), env });
  running.set(name, instance);
  return instance;
}

test(`${RESTARTS} rolling restarts under ${RATE} verifications a second fail no request`, {
  timeout: 120_000 + RESTARTS * 40_000,
}, async () => {
  const load = new RollingLoad(owner.key, RATE);
  for (const { url } of running.values()) load.add(url);
  load.start();
  const begun = performance.now();
  const stops: number[] = [];
  for (let restart = 0; restart < RESTARTS; restart++)
    for (const name of INSTANCES) {
      const old = running.get(name);
      const stopping = performance.now();
      expect(await old?.stop()).toBe(0);
      stops.push(performance.now() - stopping);
      load.add((await start(name)).url);
    }
  const seconds = (performance.now() - begun) / 1_000;
  const { asked, answered, elsewhere, failed, slowestMs } = await load.end();
  console.table({
    'rolling restarts': {
      restarts: RESTARTS,
      'instance stops': stops.length,
      'slowest stop, ms': Math.round(Math.max(...stops)),
      'asked a second': Math.round(asked / seconds),
      asked,
      answered,
      'sent again to another instance': elsewhere,
      'slowest answer, ms': Math.round(slowestMs),
      failed: failed.length,
    },
  });
  expect(failed.slice(0, 10)).toEqual([]);
  expect(answered).toBe(asked);
});
