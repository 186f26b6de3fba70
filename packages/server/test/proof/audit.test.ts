import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KnownPlace, verifyChain } from '../../src/domain/audit/chain-check.ts';
import { Random, seedFrom } from '../harness/random.ts';
import { startTestService, type TestService } from '../harness/test-service.ts';
import { Changes } from './audit/changes.ts';
import { TAMPERINGS, type TamperingName } from './audit/tamper.ts';
import { proofSize } from './sizes.ts';

const CHANGES = proofSize('AUDIT_CHANGES');
const CASES = proofSize('AUDIT_TAMPERINGS');
const SEED = seedFrom('AUDIT_SEED');
const LOGS = '/api/v2/workspaces/logs';

let service: TestService;
let changes: Changes;

beforeAll(async () => {
  service = await startTestService();
  changes = new Changes(service, new Random(SEED));
  await changes.play(CHANGES);
}, 120_000);
afterAll(() => service.close());

async function exportLines(): Promise<string[]> {
  const { body } = await service.call('GET', `${LOGS}/export`, { as: service.owner.secret });
  return String(body).trimEnd().split('\n');
}

async function countOf(eventType: string): Promise<number> {
  const url = `${LOGS}?limit=1&eventType=${eventType}`;
  const { body } = await service.call('GET', url, { as: service.owner.secret });
  return body.data.result.pagination.total;
}

test(`as many entries as changes: ${CHANGES} random calls of every verb`, async () => {
  const counts = Object.fromEntries(changes.counts);
  console.log(`audit: AUDIT_SEED=${SEED}`, JSON.stringify(counts));
  for (const [type, count] of changes.counts) {
    // The founding makes a key too.
    const founding = type === 'api-key.created' ? 1 : 0;
    expect(await countOf(type), `${type}, AUDIT_SEED=${SEED}`).toBe(count + founding);
    expect(count).toBeGreaterThan(CHANGES / 50);
  }
});

describe('tampering', () => {
  test(`an untouched export is intact, and ${CASES} random tamperings are all found`, async () => {
    const lines = await exportLines();
    const { anchor }: { anchor: KnownPlace } = JSON.parse(lines.at(-1) ?? '');
    expect(verifyChain(lines, anchor).isIntact).toBe(true);
    const random = new Random(SEED);
    const found = new Map<TamperingName, number>();
    const missed: string[] = [];
    for (let played = 0; played < CASES; played++) {
      const name = random.pick(Object.keys(TAMPERINGS) as TamperingName[]);
      const verdict = verifyChain(TAMPERINGS[name](lines, random), anchor);
      if (verdict.isIntact) missed.push(name);
      else found.set(name, (found.get(name) ?? 0) + 1);
    }
    console.log(`audit: AUDIT_SEED=${SEED}, ${lines.length} lines, found`, JSON.stringify([...found]));
    expect(missed, `AUDIT_SEED=${SEED}`).toEqual([]);
    expect(found.size).toBe(Object.keys(TAMPERINGS).length);
  }, 600_000);
});
