import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { ENDPOINTS, needsAccount, redactSecrets, requestSignInLink } from '@latchkey/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedFrom } from '../harness/random.ts';
import { startTestService, type TestService } from '../harness/test-service.ts';
import { fuzz } from './fuzz/fuzzer.ts';
import { OPERATIONS } from './fuzz/operations.ts';
import { leaksIn } from './fuzz/oracle.ts';
import { REGRESSIONS } from './fuzz/regressions.ts';
import { Tally } from './fuzz/tally.ts';
import { FIXED_TEXTS } from './fuzz/texts.ts';
import { fuzzWire } from './fuzz/wire-fuzzer.ts';
import { World } from './fuzz/world.ts';
import { proofSize } from './sizes.ts';

/** The number of requests of both halves together. With much fewer than 10,000, some operations are not reached. */
const REQUESTS = proofSize('FUZZ_REQUESTS');
const FIXED_SEED = 20_261_123;
/** Of the second half. */
const FRESH_SEED = seedFrom('FUZZ_SEED');
/** The limit for each half: ten times what it takes on an idle machine. */
const TIME_MAX_MS = 600_000;
const FAILURES_MIN = 5;
/** Once it has succeeded, every key of the run is denied. The tests of its route check that it succeeds. */
const ENDS_THE_WORLD = 'deleteWorkspace';
/** The requests over real connections, as a fraction of the number of the others. */
const ON_THE_WIRE = 0.05;

let service: TestService;
let world: World;

beforeAll(async () => {
  service = await startTestService();
  world = await World.in(service);
});
afterAll(() => service.close());

describe('no request brings the service down, and every answer keeps the published contract', () => {
  const tally = new Tally();
  const prototypes = [Object.prototype, Array.prototype, String.prototype, Function.prototype];
  const before = prototypes.map((prototype) => Reflect.ownKeys(prototype));

  test.each([
    ['the fixed seed', FIXED_SEED],
    ['a fresh seed', FRESH_SEED],
  ])(
    'with %s %d: no status of 500 or more, no leak, nothing undocumented',
    async (_, seed) => {
      console.log(`fuzz: ${Math.ceil(REQUESTS / 2)} requests with FUZZ_SEED=${seed}`);
      await fuzz(world, tally, seed, Math.ceil(REQUESTS / 2));
    },
    TIME_MAX_MS,
  );

  test('broken bytes on the wire: an answer in our envelope to each, no hung connection', async () => {
    await service.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = service.app.server.address() as AddressInfo;
    const requests = Math.ceil(REQUESTS * ON_THE_WIRE);
    console.log(`fuzz: ${requests} requests on the wire with FUZZ_SEED=${FRESH_SEED}`);
    const statuses = await fuzzWire(world, port, FRESH_SEED, requests);
    console.log(
      [...statuses]
        .sort(([a], [b]) => a - b)
        .map(([status, count]) => `${status}: ${count}`)
        .join('  '),
    );
    expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 401, 405, 431]));
    const { server } = service.app;
    const countOpen = promisify(server.getConnections.bind(server));
    await expect.poll(countOpen, { timeout: 10_000 }).toBe(0);
  });

  test('every operation was reached: it has succeeded, and it has failed', () => {
    console.log(`${tally.table()}\nslowest answer: ${Math.round(tally.slowestMs)} ms`);
    expect(tally.total).toBeGreaterThanOrEqual(REQUESTS);
    // No credential of the fuzzer proves an account, and its service sends no mail: account.test.ts and sessions.mail.test.ts
    // have the successes of those operations.
    const withAccount = ENDPOINTS.filter(needsAccount).map(({ id }) => id);
    const neverSucceeds = new Set<string>([ENDS_THE_WORLD, requestSignInLink.id, ...withAccount]);
    for (const { id } of OPERATIONS) {
      if (!neverSucceeds.has(id)) expect(tally.count(id, 200, 300), `successes of ${id}`).toBeGreaterThan(0);
      expect(tally.count(id, 400, 500), `failures of ${id}`).toBeGreaterThanOrEqual(FAILURES_MIN);
    }
  });

  test('no prototype was polluted, and the service still answers', async () => {
    expect(prototypes.map((prototype) => Reflect.ownKeys(prototype))).toEqual(before);
    const { body } = await service.call('GET', '/api/v2/me', { as: service.owner.secret });
    expect(body.data.result.caller.userId).toBe(service.owner.userId);
  });

  test('the service logged no error and no key', () => {
    expect(service.logs.length).toBeGreaterThan(REQUESTS / 2);
    const bad = service.logs.filter((line) => /"level":[56]0/.test(line) || redactSecrets(line) !== line);
    expect(bad.slice(0, 3)).toEqual([]);
  });
});

test('the texts that requests are made of do not look like leaks themselves', () => {
  for (const text of FIXED_TEXTS) expect(leaksIn(text), text).toEqual([]);
});

describe('what a fuzzer found once stays mended', () => {
  test.each(REGRESSIONS.map((regression) => [regression.title, regression] as const))(
    '%s',
    async (_, regression) => {
      const { request, status, code, answer: expected } = regression;
      const { apiKey, key } = await service.createKey();
      const { method, url, headers, body } = request({ keyId: apiKey.id, secret: key });
      const answer = await service.call(method, url, {
        as: service.owner.secret,
        ...(headers && { headers }),
        ...(body !== undefined && { body }),
      });
      expect([answer.status, answer.body?.data.error?.code]).toEqual([status, code]);
      expect(answer.body).toMatchObject(expected ?? {});
      expect(redactSecrets(JSON.stringify(answer.body))).toBe(JSON.stringify(answer.body));
    },
  );
});
