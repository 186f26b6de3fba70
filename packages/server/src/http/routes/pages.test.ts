import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTestService, type TestService } from '../../../test/harness/test-service.ts';
import { openSession } from '../../domain/sessions/open-session.ts';
import { NO_CLIENT } from '../../domain/shared/caller.ts';
import { openWorkspace } from '../../domain/workspaces/open-workspace.ts';

const API = '/api/v2';
const ITEMS = 7;

let service: TestService;
/** A session that proves the owner's account. */
let session: string;
let made = 0;

beforeEach(async () => {
  service = await startTestService();
  const { workspaceId, userId } = service.owner;
  const accountId = (await service.storage.members.find(workspaceId, userId))?.accountId ?? null;
  session = (await openSession(needs(), { workspaceId, userId, accountId }, NO_CLIENT)).token;
});
afterEach(() => service.close());

const needs = () => ({ unitOfWork: service.storage, keyring: service.keyring, clock: service.clock });
const inWorkspace = (path: string) => `${API}/workspaces/${service.owner.workspaceId}${path}`;

async function owner(method: string, url: string, body?: object) {
  const answer = await service.call(method, url, { as: service.owner.secret, ...(body && { body }) });
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body.data.result;
}

interface ListedThing {
  readonly id?: string;
  readonly userId?: string;
  readonly name?: string;
}

interface List {
  readonly url: () => string;
  /** The field of the answer with the items. */
  readonly field: string;
  readonly add: () => Promise<unknown>;
  /** Removes an item from the list; left out: items of this list cannot be removed. */
  readonly remove?: (item: ListedThing) => Promise<unknown>;
}

const keys = (query: string): List => ({
  url: () => `${API}/api-keys?${query}`,
  field: 'apiKeys',
  add: () =>
    service.createKey({
      name: `key ${made % 3} ${made++}`,
      expiresAt: made % 2 === 0 ? null : new Date(service.clock.now() + 9_000 + made).toISOString(),
    }),
  remove: async ({ id, name }) => !name?.startsWith('key') || owner('DELETE', `${API}/api-keys/${id}`),
});

const LISTS: Readonly<Record<string, List>> = {
  'API keys, the newest first': keys('search=%20'),
  'API keys, the oldest first': keys('search=%20&sortOrder=asc'),
  'API keys by name': keys('search=%20&sortBy=name&sortOrder=asc'),
  'API keys by expiry': keys('search=%20&sortBy=expiresAt&sortOrder=asc'),
  members: {
    url: () => inWorkspace('/members'),
    field: 'members',
    add: () => service.addMember('Viewer'),
    remove: async ({ userId }) =>
      userId === service.owner.userId || owner('DELETE', inWorkspace(`/members/${userId}`)),
  },
  roles: {
    url: () => inWorkspace('/roles'),
    field: 'roles',
    add: () => owner('POST', inWorkspace('/roles'), { name: `Role ${made++}`, permissions: [] }),
    remove: async ({ id, name }) => !name?.startsWith('Role') || owner('DELETE', inWorkspace(`/roles/${id}`)),
  },
  invitations: {
    url: () => `${API}/workspaces/invitations`,
    field: 'invitations',
    async add() {
      const viewer = await service.storage.roles.findByName(service.owner.workspaceId, 'Viewer');
      const body = { email: `p${made++}@example.com`, roleId: viewer?.id };
      return owner('POST', `${API}/workspaces/invitations`, body);
    },
  },
  sessions: {
    url: () => `${API}/sessions`,
    field: 'sessions',
    add: () => service.signIn(),
    remove: ({ id }) => owner('DELETE', `${API}/sessions/${id}`),
  },
  'audit log, the newest first': logs(''),
  'audit log, the oldest first': logs('sortOrder=asc'),
  'audit log, searched': logs('search=key'),
};

function logs(query: string): List {
  return { url: () => `${API}/workspaces/logs?${query}`, field: 'logs', add: () => service.createKey() };
}

const withQuery = (url: string, query: string) => `${url}${url.includes('?') ? '&' : '?'}${query}`;

async function pageAt({ url, field }: List, query: string) {
  const { [field]: items, pagination } = await owner('GET', withQuery(url(), query));
  return { items: items as ListedThing[], pagination };
}

const idOf = ({ id, userId }: ListedThing) => id ?? userId ?? '';

async function walk(list: List, onPage: (items: ListedThing[]) => Promise<void>): Promise<string[]> {
  const seen: string[] = [];
  for (let query = 'limit=2'; ; ) {
    const { items, pagination } = await pageAt(list, query);
    expect(items.length).toBeLessThanOrEqual(2);
    seen.push(...items.map(idOf));
    if (pagination.nextCursor === null) return seen;
    await onPage(items);
    query = `limit=2&cursor=${pagination.nextCursor}`;
  }
}

async function fill(list: List): Promise<void> {
  for (let count = 0; count < ITEMS; count++) {
    // Some items have the same time, to test ties.
    if (count % 3 === 0) service.clock.advance(1);
    await list.add();
  }
}

describe.each(Object.entries(LISTS))('%s', (_name, list) => {
  test('following cursors returns every item once, even if items are added and removed', async () => {
    await fill(list);
    const all = (await pageAt(list, 'limit=100')).items.map(idOf);
    expect(all.length).toBeGreaterThanOrEqual(ITEMS);
    let added = 0;
    const seen = await walk(list, async (items) => {
      for (const item of items) await list.remove?.(item);
      if (added++ < 5) await list.add();
    });
    expect(seen.filter((id) => all.includes(id))).toEqual(all);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test('400 for an invalid cursor, and for a cursor of another list or another order', async () => {
    await fill(list);
    const cursors = await Promise.all(
      Object.values(LISTS)
        .filter((other) => other !== list)
        .map(async (other) => {
          await other.add();
          await other.add();
          return (await pageAt(other, 'limit=1')).pagination.nextCursor as string;
        }),
    );
    const { nextCursor } = (await pageAt(list, 'limit=1')).pagination;
    const [fingerprint, value, id] = JSON.parse(Buffer.from(nextCursor, 'base64url').toString());
    const forged = [
      [],
      [fingerprint],
      [fingerprint, { value }, id],
      [fingerprint, true, id],
      [fingerprint, value, ''],
      [fingerprint, value, 'x'.repeat(65)],
      [fingerprint, value, 7],
      [fingerprint, value, id, id],
      ['', value, id],
      { fingerprint, value, id },
    ].map((parts) => Buffer.from(JSON.stringify(parts)).toString('base64url'));
    for (const cursor of [...cursors, ...forged, `${nextCursor}A`, nextCursor.slice(2), 'x', '%00', 'å']) {
      const answer = await service.call(
        'GET',
        withQuery(list.url(), `cursor=${encodeURIComponent(cursor)}`),
        {
          as: service.owner.secret,
        },
      );
      expect([cursor, answer.status]).toEqual([cursor, 400]);
      expect(answer.body.data.error).toMatchObject({
        code: 'VALIDATION_FAILED',
        details: [{ field: 'cursor', message: expect.stringMatching(/^is (not a cursor|of another list)/) }],
      });
    }
  });
});

describe('workspaces', () => {
  /** Creates a workspace whose owner is a member of the account. */
  async function addWorkspace(accountId: string): Promise<string> {
    const person = { id: `usr_${made++}`, email: `w${made}@example.com`, displayName: 'Ada' };
    const opening = { name: `Workspace ${made}`, owner: person, accountId };
    const { id } = await service.storage.transact((stores) =>
      openWorkspace({ ...stores, catalogue: service.storage.catalogue }, opening, service.clock.now()),
    );
    return id;
  }

  test('following cursors returns every workspace of the account once', async () => {
    const { workspaceId, userId } = service.owner;
    await service.storage.transact(async ({ accounts, members }) => {
      await accounts.insert({ id: 'acc_1', defaultWorkspaceId: null, createdAt: 1 });
      await members.claim(workspaceId, userId, 'acc_1', 1);
    });
    const opening = { workspaceId, userId, accountId: 'acc_1' };
    session = (await openSession(needs(), opening, NO_CLIENT)).token;
    for (let count = 0; count < ITEMS; count++) await addWorkspace('acc_1');
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const answer = await service.call('GET', `${API}/workspaces?limit=3${query}`, { session });
      const { workspaces, pagination } = answer.body.data.result;
      ids.push(...workspaces.map(idOf));
      cursor = pagination.nextCursor;
      if (ids.length === 3) ids.push(`new ${await addWorkspace('acc_1')}`);
    }
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => id.startsWith('ws_'))).toHaveLength(ITEMS + 2);
  });
});

describe('a list that can also be read by offset', () => {
  test.each(['/api-keys', '/workspaces/logs'])(
    '400 for %s with both a cursor and an offset',
    async (path) => {
      await service.createKey();
      const { pagination } = await owner('GET', `${API}${path}?limit=1&offset=0`);
      for (const offset of [0, 1]) {
        const url = `${API}${path}?cursor=${pagination.nextCursor}&offset=${offset}`;
        const { status, body } = await service.call('GET', url, { as: service.owner.secret });
        expect([status, body.data.error.code]).toEqual([400, 'VALIDATION_FAILED']);
        expect(body.data.message).toContain('offset');
      }
    },
  );

  test('a page by offset has the cursor of the next page, and a page by cursor has the total', async () => {
    for (let count = 0; count < ITEMS; count++) await service.createKey();
    const first = await owner('GET', `${API}/api-keys?limit=3&offset=2`);
    const url = `${API}/api-keys?limit=3&cursor=${first.pagination.nextCursor}`;
    const next = await owner('GET', url);
    expect(next.apiKeys).toEqual((await owner('GET', `${API}/api-keys?limit=3&offset=5`)).apiKeys);
    expect(next.pagination).toEqual({
      ...{ total: ITEMS + 1, limit: 3, offset: 0 },
      ...{ hasNext: false, hasPrevious: true, nextCursor: null },
    });
  });
});

test('a cursor of another workspace is not accepted', async () => {
  const other = await service.addWorkspace();
  await service.createKey();
  const { pagination } = await owner('GET', `${API}/api-keys?limit=1`);
  const url = `${API}/api-keys?limit=1&cursor=${pagination.nextCursor}`;
  expect((await service.call('GET', url, { as: other.secret })).status).toBe(400);
});
