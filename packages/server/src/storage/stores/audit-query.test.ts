import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AuditFilter } from '../../domain/audit/audit-store.ts';
import type { Position } from '../../domain/shared/page.ts';
import { withSignal } from '../engines/engine.ts';
import { openSuiteDatabase } from '../suites/open-suite-database.ts';
import { planOf, QueryRecorder } from '../suites/query-plans.ts';
import type { SuiteDatabase } from '../suites/suite-database.ts';
import { listEntries, searchEntries } from './audit-query.ts';

const WORKSPACE = 'ws_1';
const ENTRIES = 25;
const EVEN = { text: 'even', keysByName: 'all' } as const;

let database: SuiteDatabase;

beforeEach(async () => {
  database = await openSuiteDatabase();
  const entries = Array.from({ length: ENTRIES }, (_, index) => entry(index + 1));
  await database.db.insertInto('audit_entries').values(entries).execute();
});
afterEach(() => database.close());

/** Each even one contains "even". */
function entry(sequence: number) {
  return {
    workspace_id: WORKSPACE,
    sequence,
    id: `log_${sequence}`,
    event_type: sequence <= 20 ? 'api-key.created' : 'api-key.revoked',
    actor_id: null,
    actor_email: null,
    created_at: 1,
    details: '{}',
    hash: '',
    target_id: '',
    key_names: null,
    search_text: sequence % 2 === 0 ? 'even' : 'odd',
  };
}

const at = (sequence: number): Position => ({ value: sequence, id: 'log' });

interface Search {
  readonly sortOrder?: 'asc' | 'desc';
  readonly offset?: number;
  readonly after?: Position | null;
  readonly eventType?: 'api-key.created';
  readonly entriesMax?: number;
  readonly entriesAtOnce?: number;
}

async function search({ sortOrder = 'desc', offset = 0, after = null, eventType, ...limits }: Search = {}) {
  const { items, total, next } = await searchEntries(
    database.db,
    WORKSPACE,
    { search: EVEN, ...(eventType && { eventTypes: [eventType] }) },
    { sortOrder, offset, limit: 3, after },
    { entriesMax: 100, entriesAtOnce: 4, ...limits },
  );
  return [items.map(({ sequence }) => sequence), total, next?.value ?? null];
}

test.each([1, 4, 5, 25, 26, 100])(
  'a search in parts of %i entries finds what one of all would',
  async (entriesAtOnce) => {
    expect(await search({ entriesAtOnce })).toEqual([[24, 22, 20], 12, 20]);
    expect(await search({ entriesAtOnce, offset: 10 })).toEqual([[4, 2], 12, null]);
    expect(await search({ entriesAtOnce, sortOrder: 'asc' })).toEqual([[2, 4, 6], 12, 6]);
    expect(await search({ entriesAtOnce, offset: 12 })).toEqual([[], 12, null]);
    expect(await search({ entriesAtOnce, after: at(20) })).toEqual([[18, 16, 14], 9, 14]);
    expect(await search({ entriesAtOnce, after: at(5) })).toEqual([[4, 2], 2, null]);
  },
);

test('a search reads at most `entriesMax` of the entries that match the other filters, in the requested order', async () => {
  expect(await search({ entriesMax: 8 })).toEqual([[24, 22, 20], 4, 20]);
  expect(await search({ entriesMax: 8, sortOrder: 'asc' })).toEqual([[2, 4, 6], 4, 6]);
  expect(await search({ entriesMax: 8, eventType: 'api-key.created' })).toEqual([[20, 18, 16], 4, 16]);
});

test('a search that stops at `entriesMax` continues after them, even if the page is not full', async () => {
  expect(await search({ entriesMax: 4 })).toEqual([[24, 22], 2, 22]);
  expect(await search({ entriesMax: 4, after: at(22) })).toEqual([[20, 18], 2, 18]);
  expect(await search({ entriesMax: 4, after: at(3) })).toEqual([[2], 1, null]);
});

test('a search whose call was aborted runs no statement', async () => {
  const db = withSignal(database.db, AbortSignal.abort());
  const page = { sortOrder: 'desc', offset: 0, after: null, limit: 3 } as const;
  await expect(searchEntries(db, WORKSPACE, { search: EVEN }, page)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
  });
});

describe('however the log is asked', () => {
  const FILTERS: Readonly<Record<string, AuditFilter>> = {
    nothing: {},
    'one type': { eventTypes: ['api-key.created'] },
    'several types': { eventTypes: ['api-key.created', 'api-key.revoked'] },
    'an actor': { actorId: 'usr_1' },
    'a target': { targetId: 'key_1' },
    times: { from: 1, to: 2 },
    'a target, types and times': { targetId: 'key_1', eventTypes: ['api-key.created'], from: 1 },
  };

  /** The steps of the statements that read entries. */
  async function stepsOf(work: (db: SuiteDatabase['db']) => Promise<unknown>): Promise<string[]> {
    const recorder = new QueryRecorder();
    await work(database.db.withPlugin(recorder));
    const plans = await Promise.all(recorder.nodes.map((node) => planOf(database.db, node)));
    return plans.flat();
  }

  test.each(Object.entries(FILTERS))(
    'by %s, a page is found in an index of the workspace',
    async (_name, filter) => {
      const page = { sortOrder: 'desc', offset: 0, after: at(20), limit: 3 } as const;
      const steps = await stepsOf((db) => listEntries(db, WORKSPACE, filter, page));
      expect(steps.length).toBeGreaterThanOrEqual(2);
      for (const step of steps.filter((one) => !one.includes('ORDER BY')))
        expect(step).toMatch(/^SEARCH audit_entries USING .*INDEX \S+ \(workspace_id=/);
    },
  );

  test.each(Object.entries(FILTERS))(
    'by %s, a search reads an index in its order, so that no part of it reads more than it may',
    async (_name, filter) => {
      const page = { sortOrder: 'desc', offset: 0, after: null, limit: 3 } as const;
      const steps = await stepsOf((db) => searchEntries(db, WORKSPACE, { ...filter, search: EVEN }, page));
      expect(steps.length).toBeGreaterThanOrEqual(1);
      for (const step of steps)
        expect(step).toMatch(/^SEARCH audit_entries USING .*INDEX \S+ \(workspace_id=/);
    },
  );
});
