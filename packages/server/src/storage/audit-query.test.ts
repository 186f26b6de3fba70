import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Position } from '../domain/shared/page.ts';
import { searchEntries } from './audit-query.ts';
import { withSignal } from './engines/with-signal.ts';
import { openSuiteDatabase } from './suites/open-suite-database.ts';
import type { SuiteDatabase } from './suites/suite-database.ts';

const WORKSPACE = 'ws_1';
const ENTRIES = 25;

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
    { search: 'even', ...(eventType && { eventType }) },
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

test('a search reads so many entries and no more, in the order asked for, of those that the other filters leave', async () => {
  expect(await search({ entriesMax: 8 })).toEqual([[24, 22, 20], 4, 20]);
  expect(await search({ entriesMax: 8, sortOrder: 'asc' })).toEqual([[2, 4, 6], 4, 6]);
  expect(await search({ entriesMax: 8, eventType: 'api-key.created' })).toEqual([[20, 18, 16], 4, 16]);
});

test('a search that has read so many entries goes on after them, whether or not it found a whole page', async () => {
  expect(await search({ entriesMax: 4 })).toEqual([[24, 22], 2, 22]);
  expect(await search({ entriesMax: 4, after: at(22) })).toEqual([[20, 18], 2, 18]);
  expect(await search({ entriesMax: 4, after: at(3) })).toEqual([[2], 1, null]);
});

test('a search whose call has ended asks for nothing', async () => {
  const db = withSignal(database.db, AbortSignal.abort());
  const page = { sortOrder: 'desc', offset: 0, after: null, limit: 3 } as const;
  await expect(searchEntries(db, WORKSPACE, { search: 'even' }, page)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
  });
});
