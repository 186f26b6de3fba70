import { BUILT_IN_CATALOGUE } from '@latchkey/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Key } from '../../domain/keys/key.ts';
import type { KeyFilter, KeyPage, KeySort } from '../../domain/keys/key-store.ts';
import { loadPermissionSets, type PermissionSets } from '../permission-sets/permission-sets.ts';
import { openSuiteDatabase } from '../suites/open-suite-database.ts';
import { planOf, QueryRecorder } from '../suites/query-plans.ts';
import {
  AT,
  aKey,
  aSecret,
  HELD,
  type SuiteDatabase,
  seedMember,
  seedWorkspace,
} from '../suites/suite-database.ts';
import { listKeyRows } from './key-listing.ts';
import { type OwnedKeyRow, ownedKeys } from './key-rows.ts';

/** More keys than a listing fetches and sorts. */
const MANY = 1_001;
const KINDS: readonly Partial<Key>[] = [
  { permissions: ['calls:read'] },
  { permissions: ['calls:read'], isActive: false },
  {
    permissions: ['calls:write'],
    expiresAt: AT,
    createdBy: { kind: 'key', userId: 'usr_1', keyId: 'key_maker' },
  },
  { permissions: ['calls:read'], revokedAt: AT },
];

const PAGE: KeyPage = { sortBy: 'createdAt', sortOrder: 'desc', limit: 50, offset: 0, after: null };
const SORTS: readonly KeySort[] = ['createdAt', 'name', 'lastUsedAt', 'expiresAt'];

let database: SuiteDatabase;
let sets: PermissionSets;
let workspaceId: string;
let ownerId: string;
let everyKey: readonly OwnedKeyRow[];

beforeAll(async () => {
  database = await openSuiteDatabase();
  sets = await loadPermissionSets(database.db, BUILT_IN_CATALOGUE);
  workspaceId = (await seedWorkspace(database)).workspace.id;
  const owner = await seedMember(database, workspaceId, 'Viewer');
  ownerId = owner.id;
  for (const [kind, changes] of KINDS.entries()) {
    const key = aKey(workspaceId, owner, changes);
    await database.storage.keys.insert(key, aSecret(`${kind}`), HELD);
    await copy(key.id);
  }
  everyKey = await ownedKeys(database.db).execute();
});
afterAll(() => database.close());

/** Inserts many copies of the key, with different names, creation times and times of use. */
async function copy(keyId: string): Promise<void> {
  const { db } = database;
  const row = await db.selectFrom('api_keys').selectAll().where('id', '=', keyId).executeTakeFirstOrThrow();
  for (let index = 0; index < 2 * MANY; index++) {
    const name = `key ${index % 19}`;
    const used = { created_at: AT - (index % 31), last_used_at: index % 4 === 0 ? AT - (index % 5) : null };
    const copied = { ...row, ...used, id: `${keyId}-${index}`, name, name_folded: name };
    await db.insertInto('api_keys').values(copied).execute();
  }
}

type Matches = (row: OwnedKeyRow) => boolean;

const isLiving: Matches = ({ revoked_at }) => revoked_at === null;
const isOn: Matches = ({ is_active }) => is_active === 1;
const isPast: Matches = ({ expires_at }) => expires_at === AT;
const exceeds: Matches = ({ permissions }) => permissions.includes('calls:write');
const lastSeen = ({ last_used_at, created_at }: OwnedKeyRow): number => last_used_at ?? created_at;

/** Each matches more than `MANY` keys: those for which the last member says so. */
const FILTERS: readonly (readonly [name: string, filter: () => KeyFilter, matches: Matches])[] = [
  ['no filter', () => ({}), isLiving],
  ['status active', () => ({ status: 'active' }), (row) => isLiving(row) && isOn(row) && !isPast(row)],
  ['status disabled', () => ({ status: 'disabled' }), (row) => isLiving(row) && !isOn(row)],
  ['status expired', () => ({ status: 'expired' }), (row) => isLiving(row) && isOn(row) && isPast(row)],
  ['status revoked', () => ({ status: 'revoked' }), (row) => !isLiving(row)],
  ['an owner', () => ({ ownerId }), isLiving],
  ['a search', () => ({ search: 'KEY 1' }), (row) => isLiving(row) && row.name_folded.includes('key 1')],
  ['a permission', () => ({ permission: 'calls:read' }), (row) => isLiving(row) && !exceeds(row)],
  ['keys that exceed their owner', () => ({ exceedsOwner: true }), (row) => isLiving(row) && exceeds(row)],
  ['keys that do not', () => ({ exceedsOwner: false }), (row) => isLiving(row) && !exceeds(row)],
  [
    'a key that made them',
    () => ({ createdByKeyId: 'key_maker' }),
    (row) => isLiving(row) && row.created_by_key_id === 'key_maker',
  ],
  ['a coming expiry', () => ({ expiresBefore: AT + 1 }), (row) => isLiving(row) && isPast(row)],
  ['no use since', () => ({ unusedSince: AT }), (row) => isLiving(row) && lastSeen(row) < AT],
];

/** The query plan of each statement of a listing: the steps that read keys and those that sort. */
async function plansOf(filter: KeyFilter, page: KeyPage): Promise<string[][]> {
  const { db } = database;
  const recorder = new QueryRecorder();
  await listKeyRows(db.withPlugin(recorder), { workspaceId, filter, now: AT, sets }, page);
  const plans = recorder.nodes.map(async (node) => {
    const steps = await planOf(db, node);
    return steps.filter((step) => / (api_keys|some) |ORDER BY/.test(step));
  });
  return Promise.all(plans);
}

const BY_INDEX =
  /^SEARCH (api_keys|some EXISTS) USING (COVERING )?INDEX (living_keys|revoked_keys|api_keys)_by_\w+ \(workspace_id=/;
const BY_INDEX_ALONE = /^SEARCH \S+( EXISTS)? USING COVERING INDEX/;

/** The expected page, computed from all keys. */
function expectedPage(matches: Matches, { sortBy, sortOrder, limit }: KeyPage) {
  const found = everyKey
    .filter(matches)
    .toSorted((a, b) => compare(sortValueOf(a, sortBy), sortValueOf(b, sortBy)) || compare(a.id, b.id));
  const sorted = sortOrder === 'asc' ? found : found.toReversed();
  return { ids: sorted.slice(0, limit).map(({ id }) => id), total: found.length };
}

const COLUMNS = {
  createdAt: 'created_at',
  name: 'name_folded',
  lastUsedAt: 'last_used_at',
  expiresAt: 'expires_at',
} as const;

/** What a key is sorted by: without a use it is before all others, without an expiry after them. */
function sortValueOf(row: OwnedKeyRow, sortBy: KeySort): string | number {
  const missing = sortBy === 'expiresAt' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  return row[COLUMNS[sortBy]] ?? missing;
}

function compare(a: string | number, b: string | number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

describe.each(FILTERS)('listing keys, %s', (_name, filterOf, matches) => {
  test.each(SORTS)('uses an index of the workspace, sorted by %s', async (sortBy) => {
    for (const sortOrder of ['asc', 'desc'] as const) {
      const plans = await plansOf(filterOf(), { ...PAGE, sortBy, sortOrder });
      const [count = [], page = [], search = []] = plans.toReversed();
      for (const step of [...search, ...count]) expect(step).toMatch(BY_INDEX_ALONE);
      for (const step of [...search, ...page, ...count]) expect(step).toMatch(BY_INDEX);
    }
  });

  test.each(SORTS)('continues after a page in the same index, sorted by %s', async (sortBy) => {
    for (const sortOrder of ['asc', 'desc'] as const) {
      const listing = { workspaceId, filter: filterOf(), now: AT, sets };
      const page = { ...PAGE, sortBy, sortOrder };
      const first = await listKeyRows(database.db, listing, page);
      const second = { ...page, after: first.next };
      const [, steps = []] = (await plansOf(listing.filter, second)).toReversed();
      for (const step of steps) expect(step).toMatch(BY_INDEX);
      const { items } = await listKeyRows(database.db, listing, second);
      const both = expectedPage(matches, { ...page, limit: 2 * page.limit }).ids;
      expect([...first.items, ...items].map(({ id }) => id)).toEqual(both);
    }
  });

  test.each(SORTS)('returns the first page and counts all matches, sorted by %s', async (sortBy) => {
    for (const sortOrder of ['asc', 'desc'] as const) {
      const page = { ...PAGE, sortBy, sortOrder };
      const listing = { workspaceId, filter: filterOf(), now: AT, sets };
      const { items, total } = await listKeyRows(database.db, listing, page);
      expect(total).toBeGreaterThan(MANY);
      expect({ ids: items.map(({ id }) => id), total }).toEqual(expectedPage(matches, page));
    }
  });
});
