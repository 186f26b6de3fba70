import { PERMISSIONS } from '@latchkey/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { grantable } from '../../src/domain/keys/grantable.ts';
import { type Caller, NO_ORIGIN } from '../../src/domain/shared/caller.ts';
import { Random, seedFrom } from '../harness/random.ts';
import { startTestService, type TestService } from '../harness/test-service.ts';
import { CeilingRun } from './ceiling/run.ts';

const CASES = Number(process.env.CEILING_CASES ?? 100_000);
const SEED = seedFrom('CEILING_SEED');

let service: TestService;

beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.close());

test(`no one mints or widens a key, or gives a role, beyond what they hold: ${CASES} random calls among people whose roles change, as an independent oracle says`, async () => {
  const { cases, differences } = await new CeilingRun(service, new Random(SEED)).play(CASES);
  console.log(`ceiling: CEILING_SEED=${SEED}`, JSON.stringify(cases), `differences: ${differences.length}`);
  expect(differences.slice(0, 3)).toEqual([]);
  for (const [kind, { granted, refused }] of Object.entries(cases))
    expect(Math.min(granted, refused), kind).toBeGreaterThan(CASES / 1_000);
}, 600_000);

test('nothing above the set of caller or owner is granted, whatever each of them holds', () => {
  const random = new Random(SEED);
  for (let round = 0; round < 20_000; round++) {
    const [mine, theirs, wanted] = [0, 1, 2].map(() =>
      random.subset(PERMISSIONS, random.pick([0.05, 0.5, 0.95])),
    );
    const rateLimit = { requestsPerMinute: null, requestsPerDay: null };
    const bounds = { expiresAt: null, rateLimit };
    const caller: Caller = {
      kind: 'key',
      workspaceId: 'w',
      userId: 'u',
      keyId: 'k',
      permissions: new Set(mine),
      bounds,
      origin: NO_ORIGIN,
    };
    const permissions = random.chance(0.3) ? undefined : wanted;
    const decision = grantable(caller, new Set(theirs), { permissions });
    const shared = (mine ?? []).filter((permission) => theirs?.includes(permission));
    const isWithin = (permissions ?? []).every((permission) => shared.includes(permission));
    expect('granted' in decision, `CEILING_SEED=${SEED}`).toBe(isWithin);
    if ('granted' in decision) expect(decision.granted.permissions).toEqual(permissions ?? shared);
  }
});
