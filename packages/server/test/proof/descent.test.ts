import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random, seedFrom } from '../harness/random.ts';
import { startTestService, type TestService } from '../harness/test-service.ts';
import { History } from './descent/history.ts';
import { proofSize } from './sizes.ts';

const HISTORIES = proofSize('DESCENT_HISTORIES');
const SEED = seedFrom('DESCENT_SEED');
const ACTS = 30;

let service: TestService;

beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.close());

test(`what derives from a compromised key is dead, and nothing else (${HISTORIES} histories, seed ${SEED})`, {
  timeout: 60_000 + HISTORIES * 10_000,
}, async () => {
  const total = { checked: 0, dead: 0, deepest: 0, alive: [] as string[], wronglyDead: [] as string[] };
  for (let index = 0; index < HISTORIES; index++) {
    const history = await History.begin(service, new Random(SEED + index));
    for (let act = 0; act < ACTS; act++) await history.act();
    const { named, expected } = await history.compromise();
    expect(named, `what history ${index} of seed ${SEED} named as ended`).toEqual(expected);
    total.deepest = Math.max(total.deepest, ...history.oracle.nodes.map(({ depth }) => depth));
    total.dead += expected.length;
    const { alive, dead, checked } = await history.wrong();
    total.checked += checked;
    total.alive.push(...alive.map((what) => `${index}: ${what}`));
    total.wronglyDead.push(...dead.map((what) => `${index}: ${what}`));
  }
  console.info(
    `${HISTORIES} histories (seed ${SEED}), deepest ${total.deepest}: ${total.checked} credentials used, ${total.dead} ended; ` +
      `${total.alive.length} alive that should be dead, ${total.wronglyDead.length} dead that should live`,
  );
  expect(total.alive).toEqual([]);
  expect(total.wronglyDead).toEqual([]);
  expect(total.dead).toBeGreaterThan(HISTORIES);
});
