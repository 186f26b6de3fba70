import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { HttpClient } from '../harness/http-client.ts';
import { seedFrom } from '../harness/random.ts';
import {
  type FirstWorkspace,
  initDataDir,
  type ServiceProcess,
  startService,
} from '../harness/service-process.ts';
import { FuzzRandom } from './fuzz/fuzz-random.ts';
import { proofSize } from './sizes.ts';
import { bodyOf, CORPUS, neighbour, randomShape, type Shape, TARGETS } from './slow-bodies/shapes.ts';
import { readWork, WORK_PROBE, type Work } from './slow-bodies/work-probe.ts';

const SECONDS = proofSize('SLOW_BODY_SECONDS');
const SEED = seedFrom('SLOW_BODY_SEED');
const KEYS = 64;
/** Chance of a step from a fresh shape instead of from the slowest one so far. */
const FRESH = 0.4;

/** What a turn may take: the probe may see two turns as one. */
const MOST: Omit<Work, 'delayMs'> = {
  bytes: 2 * 1_100_000,
  values: 2 * 50_000,
  errors: 8 * 800,
  checks: 2 * 600,
};
/** Weights of each kind of work relative to a byte, so that the search does not depend on how busy the machine is. */
const weightOf = ({ bytes, values, errors, checks }: Work): number =>
  bytes + 20 * values + 400 * errors + 1_000 * checks;

interface Run {
  readonly service: ServiceProcess;
  readonly client: HttpClient;
  readonly owner: FirstWorkspace;
}

interface Found {
  readonly shape: Shape;
  readonly work: Work;
}

/** Keys of the owner, used in turn: a single key would soon exceed its budget of invalid bodies. */
async function createKeys({ client, owner }: Run): Promise<string[]> {
  const body = { name: 'key', userId: owner.userId };
  const calls = Array.from({ length: KEYS }, () =>
    client.call('POST', '/api/v2/api-keys', { as: owner.key, body }),
  );
  return (await Promise.all(calls)).map((answer): string => answer.body.data.result.key);
}

/** Sends the body of a shape, and reads what it made the service do. */
async function tryShape({ service, client, owner }: Run, key: string, shape: Shape): Promise<Work> {
  const { method, path } = TARGETS[shape.target];
  const rawBody = bodyOf(shape);
  const call = { rawBody, ...(shape.target !== 'createSession' && { as: key }) };
  const calls = Array.from({ length: shape.concurrent }, () => client.call(method, path(owner), call));
  for (const { status } of await Promise.all(calls))
    expect(status === 503 || status < 500, `status ${status}`).toBe(true);
  return readWork(service);
}

test(
  `a search for the slowest body for ${SECONDS} s: no turn of the event loop does more than a bounded amount of work`,
  async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-slow-bodies-'));
    onTestFinished(() => rmSync(dataDir, { recursive: true }));
    const owner = await initDataDir(dataDir);
    const service = await startService({ dataDir, preload: WORK_PROBE });
    onTestFinished(() => service.kill());
    const client = new HttpClient(service.url);
    onTestFinished(() => client.close());
    const run = { service, client, owner };
    const keys = await createKeys(run);
    const random = new FuzzRandom(SEED);
    let slowest: Found | null = null;
    let longest: Found | null = null;
    let tried = 0;
    for (const end = performance.now() + SECONDS * 1_000; performance.now() < end; tried++) {
      const shape: Shape =
        CORPUS[tried] ??
        (slowest && !random.chance(FRESH) ? neighbour(slowest.shape, random) : randomShape(random));
      const found: Found = { shape, work: await tryShape(run, keys[tried % KEYS] ?? '', shape) };
      if (!slowest || weightOf(found.work) > weightOf(slowest.work)) slowest = found;
      // The first calls are slower, because code is compiled.
      if (tried > 20 && (!longest || found.work.delayMs > longest.work.delayMs)) longest = found;
      for (const kind of ['bytes', 'values', 'errors', 'checks'] as const)
        expect(found.work[kind], `${kind} in a turn: ${JSON.stringify(shape)}`).toBeLessThanOrEqual(
          MOST[kind],
        );
    }
    process.stdout.write(
      `slow bodies: SLOW_BODY_SEED=${SEED}, ${tried} tried\n  most work: ${JSON.stringify(slowest)}\n  longest delay: ${JSON.stringify(longest)}\n`,
    );
    expect(slowest && weightOf(slowest.work), 'the probe has seen work').toBeGreaterThan(0);
  },
  SECONDS * 1_000 + 120_000,
);
