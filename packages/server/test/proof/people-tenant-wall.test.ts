import { ENDPOINTS as ALL, type Endpoint, needsAccount, needsCredential } from '@latchkey/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAMPLE_REQUESTS, type SampleRequest, type Subject } from '../harness/sample-requests.ts';
import { makeSubject } from '../harness/subject.ts';
import { type Answer, startTestService, type TestService } from '../harness/test-service.ts';
import { withEachParameterOf } from '../harness/url-positions.ts';

let service: TestService;
let own: Subject;
let foreign: Subject;
/** The stored data of the other workspace before the tests. */
let untouched: unknown;

beforeAll(async () => {
  service = await startTestService();
  const neighbour = await service.addWorkspace();
  own = await makeSubject(service);
  foreign = await makeSubject(service, neighbour);
  await shareAPerson();
  untouched = await everythingOf(foreign.workspaceId);
});
afterAll(() => service.close());

/** A person is a member of both workspaces, to check that membership in one gives no access to the other. */
async function shareAPerson(): Promise<void> {
  const role = await service.storage.roles.findByName(own.workspaceId, 'viewer');
  const times = { createdAt: 0, updatedAt: 0 };
  const membership = { workspaceId: own.workspaceId, userId: foreign.memberId, roleId: role?.id ?? '' };
  await service.storage.members.insert({ ...membership, status: 'active', ...times });
  foreign = { ...foreign, memberId: foreign.userId };
}

async function everythingOf(workspaceId: string): Promise<unknown> {
  const { keys, workspaces, roles, members, invitations, sessions } = service.storage;
  const page = { sortBy: 'createdAt', sortOrder: 'asc', limit: 10_000, offset: 0, after: null } as const;
  return [
    await keys.list(workspaceId, {}, page, 0),
    await workspaces.find(workspaceId),
    await roles.list(workspaceId),
    await members.list(workspaceId, page),
    await sessions.list(workspaceId, foreign.userId),
    await invitations.list(workspaceId, page),
  ];
}

function sample(endpoint: Endpoint, subject: Subject): SampleRequest {
  const request = SAMPLE_REQUESTS[endpoint.id];
  if (!request)
    throw new Error(
      `${endpoint.id} has no sample request. Add one to sample-requests.ts: this proof needs it`,
    );
  return request(subject);
}

function call({ method }: Endpoint, { url, body }: SampleRequest): Promise<Answer> {
  return service.call(method, url, { as: service.owner.secret, ...(body !== undefined && { body }) });
}

interface Position {
  readonly where: string;
  readonly given: string;
  readonly request: SampleRequest;
}

/** The endpoints that a key may call. `people-walls.test.ts` covers the access of an account to other workspaces. */
const ENDPOINTS = ALL.filter((endpoint) => !needsAccount(endpoint));

/** Every position in a request where the values of the two workspaces differ, with the value of the other workspace. */
function positions(endpoint: Endpoint): Position[] {
  const [mine, theirs] = [sample(endpoint, own), sample(endpoint, foreign)];
  const inPath = withEachParameterOf(endpoint, mine.url, theirs.url).map(({ parameter, url, given }) => ({
    where: `path ${parameter}`,
    given,
    request: { ...mine, url },
  }));
  const inBody = differing(mine.body, theirs.body).map(({ path, given }) => ({
    where: `body ${path.join('.')}`,
    given,
    request: { ...mine, body: withAt(mine.body, path, given) },
  }));
  return [...inPath, ...inBody, ...namedWorkspace(endpoint, mine)];
}

function namedWorkspace(endpoint: Endpoint, mine: SampleRequest): Position[] {
  const { workspaceId: given } = foreign;
  const where = 'workspaceId';
  if (endpoint.body?.properties.workspaceId)
    return [{ where, given, request: { ...mine, body: { ...(mine.body as object), workspaceId: given } } }];
  if (!endpoint.query?.properties.workspaceId) return [];
  const separator = mine.url.includes('?') ? '&' : '?';
  return [{ where, given, request: { url: `${mine.url}${separator}workspaceId=${given}` } }];
}

function differing(mine: unknown, theirs: unknown, path: string[] = []): { path: string[]; given: string }[] {
  if (typeof mine === 'object' && mine !== null)
    return Object.entries(mine).flatMap(([name, value]) =>
      differing(value, (theirs as Record<string, unknown>)[name], [...path, name]),
    );
  return mine === theirs ? [] : [{ path, given: String(theirs) }];
}

function withAt(value: unknown, [name, ...rest]: readonly string[], leaf: string): unknown {
  if (name === undefined) return leaf;
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[name] = withAt(copy[name], rest, leaf);
  return copy;
}

function plain({ status, body }: Answer, given: string): string {
  const text = JSON.stringify(body).replaceAll(/req_\w+/g, 'REQUEST');
  return `${status} ${text.replaceAll(given, 'GIVEN')}`;
}

const behindTheWall = ENDPOINTS.filter(needsCredential).map(
  (endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const,
);

describe.each(behindTheWall)('%s', (_name, endpoint) => {
  test('gives the same answer, byte for byte, for ids of another workspace and for ids that do not exist', async () => {
    for (const { where, given, request } of positions(endpoint)) {
      const unknown = given.replace(/....$/, '0000');
      const other = JSON.parse(JSON.stringify(request).replaceAll(given, unknown)) as SampleRequest;
      const answer = await call(endpoint, request);
      expect(plain(answer, given), where).toBe(plain(await call(endpoint, other), unknown));
      if (where.startsWith('path')) expect(answer.status, where).toBe(404);
    }
  });

  test('returns no data of another workspace', async () => {
    if (endpoint.method !== 'GET') return;
    const { body } = await call(endpoint, sample(endpoint, own));
    const text = JSON.stringify(body);
    const { secret: _, invitationToken: __, ...ids } = foreign;
    for (const id of Object.values(ids)) expect(text).not.toContain(id);
  });
});

test('at least one position is tested in every endpoint that has a parameter or takes ids', () => {
  const tried = ENDPOINTS.filter((endpoint) => positions(endpoint).length > 0).map(({ id }) => id);
  const count = ENDPOINTS.filter(needsCredential).flatMap(positions).length;
  console.log(`tenant wall: ${count} positions of ${tried.length} endpoints`);
  for (const { id, params } of ENDPOINTS) if (params) expect(tried).toContain(id);
  for (const id of ['createApiKey', 'updateApiKeys', 'deleteApiKeys', 'verifyApiKey', 'createInvitation'])
    expect(tried).toContain(id);
});

test.each([
  ['userId', () => foreign.userId],
  ['search', () => foreign.keyId],
])('a list that is filtered by a foreign %s is as empty as by an unknown one', async (name, value) => {
  const as = service.owner.secret;
  const { body } = await service.call('GET', `/api/v2/api-keys?${name}=${value()}`, { as });
  expect(body.data.result).toMatchObject({ apiKeys: [], pagination: { total: 0 } });
});

test('none of these requests changed data of the other workspace', async () => {
  expect(await everythingOf(foreign.workspaceId)).toEqual(untouched);
});
