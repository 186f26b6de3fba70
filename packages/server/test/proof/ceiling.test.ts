import { PERMISSIONS } from '@latchkey/contract';
import { expect, test } from 'vitest';
import { grantCeiling } from '../../src/domain/keys/grant-ceiling.ts';
import { type Caller, NO_CLIENT } from '../../src/domain/shared/caller.ts';
import { Random, seedFrom } from '../harness/random.ts';
import { startTestService, type TestService } from '../harness/test-service.ts';
import type { Actions } from './ceiling/actions.ts';
import { HttpActions } from './ceiling/http-actions.ts';
import { type CeilingReport, CeilingRun, emptyReport } from './ceiling/run.ts';
import { VerbActions } from './ceiling/verb-actions.ts';
import { proofSize } from './sizes.ts';

const CASES = proofSize('CEILING_CASES');
/** The number of cases that run over HTTP. */
const OVER_HTTP = CASES / 50;
const SEED = seedFrom('CEILING_SEED');
/** Calls in one world. */
const WORLD = 20_000;
const RARE_AMONG = 20_000;
const TIME_MS = 60_000 + CASES * 10;

/** Runs the cases in several fresh workspaces: one in which every change was tried no longer finds anything new. */
async function playWorlds(cases: number, play: (run: World, cases: number) => Promise<void>): Promise<void> {
  const report = emptyReport();
  for (let played = 0, world = 0; played < cases; played += WORLD, world++) {
    const service = await startTestService();
    const runWith = (actions: Actions) => new CeilingRun(service, actions, new Random(SEED + world), report);
    try {
      await play({ service, runWith }, Math.min(WORLD, cases - played));
    } finally {
      await service.close();
    }
  }
  judge(report);
}

interface World {
  readonly service: TestService;
  runWith(actions: Actions): CeilingRun;
}

function judge({ cases, depths, differences }: CeilingReport): void {
  const total = Object.values(cases).reduce((sum, { granted, denied }) => sum + granted + denied, 0);
  console.log(
    `ceiling: CEILING_SEED=${SEED} ${total} calls ${JSON.stringify(cases)}`,
    `keys of keys by depth: ${depths.join(', ')} differences: ${differences.length}`,
  );
  expect(differences.slice(0, 3)).toEqual([]);
  // A short run may miss what is rare.
  if (total < RARE_AMONG) return;
  for (const [kind, { granted, denied }] of Object.entries(cases))
    expect(Math.min(granted, denied), kind).toBeGreaterThan(total / 1_000);
  expect(Math.min(...depths)).toBeGreaterThan(0);
}

const PROMISE = 'no one mints or widens a key, or gives a role, beyond what they hold';

test(
  `${PROMISE}: ${CASES - OVER_HTTP} random calls of the verbs among people whose roles change, as an independent oracle says`,
  () =>
    playWorlds(CASES - OVER_HTTP, async ({ service, runWith }, cases) => {
      let left = cases;
      await runWith(new VerbActions(service)).play(() => left-- > 0);
    }),
  TIME_MS,
);

test(
  `${PROMISE}: ${OVER_HTTP} random calls over HTTP, as the same oracle says`,
  () =>
    playWorlds(OVER_HTTP, async ({ service, runWith }, cases) => {
      const actions = new HttpActions(service);
      await runWith(actions).play(() => actions.calls < cases);
    }),
  TIME_MS,
);

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
      client: NO_CLIENT,
    };
    const permissions = random.chance(0.3) ? undefined : wanted;
    const decision = grantCeiling(caller, new Set(theirs), { permissions });
    const shared = (mine ?? []).filter((permission) => theirs?.includes(permission));
    const isWithin = (permissions ?? []).every((permission) => shared.includes(permission));
    expect('granted' in decision, `CEILING_SEED=${SEED}`).toBe(isWithin);
    if ('granted' in decision) expect(decision.granted.permissions).toEqual(permissions ?? shared);
  }
});
