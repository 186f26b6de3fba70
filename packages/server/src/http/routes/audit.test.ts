import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, startTestService, type TestService } from '../../../test/harness/test-service.ts';
import { verifyChain } from '../../domain/audit/chain-check.ts';
import { DENIED_PER_MINUTE_MAX } from '../../domain/audit/denied-calls.ts';
import { trimLog } from '../../domain/audit/trim-log.ts';

const KEYS = '/api/v2/api-keys';
const LOGS = '/api/v2/workspaces/logs';

let service: TestService;

beforeEach(async () => {
  service = await startTestService();
});
afterEach(() => service.close());

function call(method: string, url: string, body?: object, as = service.owner.secret): Promise<Answer> {
  return service.call(method, url, { as, ...(body && { body }) });
}

// biome-ignore lint/suspicious/noExplicitAny: the contract checker has just checked its shape
async function logs(query = ''): Promise<any[]> {
  const { status, body } = await call('GET', `${LOGS}?sortOrder=asc&${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.data.result.logs;
}

async function types(query = ''): Promise<string[]> {
  return (await logs(query)).map(({ eventType }) => eventType);
}

async function exportLines(as = service.owner.secret): Promise<string[]> {
  const { body } = await call('GET', `${LOGS}/export`, undefined, as);
  return String(body).trimEnd().split('\n');
}

describe('every change is recorded in an entry', () => {
  test('founding: the workspace, then the key of its owner, by the operator', async () => {
    const [founded, created] = await logs();
    expect(founded).toMatchObject({
      eventType: 'workspace.founded',
      eventDescription: 'The service was set up with this workspace',
      actorId: service.owner.userId,
      actorEmail: 'owner@example.com',
      createdAt: '2026-11-23T09:00:00.000Z',
      metadata: {
        sequence: 1,
        credential: { kind: 'operator', keyId: null },
        address: null,
        requestId: null,
      },
    });
    expect(created).toMatchObject({ eventType: 'api-key.created', metadata: { sequence: 2 } });
  });

  test('create: who, with which key, from where, and what the key is, but no secret', async () => {
    const answer = await service.call('POST', KEYS, {
      as: service.owner.secret,
      headers: { 'user-agent': `curl/8 ${service.owner.secret}` },
      body: { name: 'Billing', userId: service.owner.userId, permissions: ['calls:read'] },
    });
    const { apiKey, key } = answer.body.data.result;
    const [entry] = await logs(`search=${apiKey.id}`);
    expect(entry).toMatchObject({ actorId: service.owner.userId, workspaceId: service.owner.workspaceId });
    expect(entry.metadata).toMatchObject({
      credential: { kind: 'key', keyId: expect.stringMatching(/^key_/) },
      address: '127.0.0.1',
      agent: 'curl/8 lk_live_…',
      requestId: answer.headers['x-request-id'],
      target: { kind: 'api-key', id: apiKey.id },
      before: null,
      after: {
        name: 'Billing',
        hint: apiKey.key === key ? expect.stringContaining('…') : '',
        isActive: true,
      },
      refusal: null,
    });
    expect(JSON.stringify(await logs())).not.toContain(key.slice(8));
  });

  test('update: only the changed fields, before and after', async () => {
    const { apiKey } = await service.createKey();
    const change = { name: 'new', rateLimit: { requestsPerMinute: 5 } };
    await call('PATCH', `${KEYS}/${apiKey.id}`, change);
    const [entry] = await logs('eventType=api-key.updated');
    const unlimited = { requestsPerMinute: null, requestsPerDay: null };
    expect(entry.metadata).toMatchObject({
      before: { name: 'key', rateLimit: unlimited, version: 1 },
      after: { name: 'new', rateLimit: { ...unlimited, requestsPerMinute: 5 }, version: 2 },
    });
    expect(Object.keys(entry.metadata.after).sort()).toEqual(['name', 'rateLimit', 'version']);
  });

  test('rotate: the hints', async () => {
    const { apiKey, key } = await service.createKey();
    await call('POST', `${KEYS}/${apiKey.id}/rotate`, {});
    const [entry] = await logs('eventType=api-key.rotated');
    expect(entry.metadata.before).toEqual({ hint: `lk_live_…${key.slice(-4)}`, version: 1 });
  });

  test('a bulk call and a cascade: one for each key', async () => {
    const parent = await service.createKey();
    const child = await service.createKey({}, parent.key);
    const other = await service.createKey();
    const ids = [parent.apiKey.id, other.apiKey.id];
    await call('PUT', KEYS, { apiKeys: ids.map((id) => ({ id, isActive: false })) });
    await call('DELETE', KEYS, { ids, cascade: true, reason: 'Spare' });
    expect(await types('eventType=api-key.updated')).toHaveLength(2);
    const revoked = await logs('eventType=api-key.revoked');
    expect(revoked.map(({ metadata }) => metadata.target.id)).toEqual([
      child.apiKey.id,
      parent.apiKey.id,
      other.apiKey.id,
    ]);
    expect(revoked[1]?.metadata.after.ended).toEqual([{ kind: 'api-key', id: child.apiKey.id }]);
    expect(revoked[0]?.metadata.after).toMatchObject({ revokedReason: 'Spare' });
  });

  test('calls without a change add no entry: a replay, a second revoke, a read, a failed change', async () => {
    const create = { name: 'once', userId: service.owner.userId };
    const headers = { 'idempotency-key': 'a' };
    const options = { as: service.owner.secret, body: create, headers };
    const first = await service.call('POST', KEYS, options);
    const url = `${KEYS}/${first.body.data.result.apiKey.id}`;
    await call('DELETE', url);
    const before = await types();
    await service.call('POST', KEYS, options);
    await call('DELETE', url);
    await call('PATCH', url, { name: 'dead' });
    await call('GET', KEYS);
    expect(await types()).toEqual(before);
  });
});

describe('GET /workspaces/logs', () => {
  test('returns pages, newest first, and the list of event types', async () => {
    await service.createKey();
    const { body } = await call('GET', `${LOGS}?limit=1&offset=1&eventType=api-key.created`);
    const { logs: page, pagination, uniqueEventTypes } = body.data.result;
    expect(page[0].metadata.sequence).toBe(2);
    expect(pagination).toEqual({
      ...{ total: 2, limit: 1, offset: 1 },
      ...{ hasNext: false, hasPrevious: true, nextCursor: null },
    });
    expect(uniqueEventTypes).toEqual(['api-key.created', 'workspace.founded']);
  });

  test('filters by actor, type and text', async () => {
    const userId = await service.addMember();
    const { key } = await service.createKey({ userId });
    const { apiKey } = await service.createKey({ userId }, key);
    expect(await logs(`actorId=${userId}`)).toHaveLength(1);
    expect(await types('search=FOUNDED')).toEqual(['workspace.founded']);
    expect(await logs(`search=${apiKey.id.toUpperCase()}&actorId=${userId}`)).toHaveLength(1);
    expect(await logs('search=%25')).toEqual([]);
  });

  test('contains no entry of another workspace', async () => {
    const neighbour = await service.addWorkspace();
    const { body } = await call('GET', LOGS, undefined, neighbour.secret);
    const workspaces = body.data.result.logs.map(({ workspaceId }: { workspaceId: string }) => workspaceId);
    expect(workspaces).toEqual([neighbour.workspaceId]);
  });

  test.each([
    ['eventType=api-key.flown', 'eventType'],
    ['limit=101', 'limit'],
    ['sortOrder=up', 'sortOrder'],
    ['search=', 'search'],
  ])('400 for ?%s, naming the parameter', async (query, field) => {
    const { status, body } = await call('GET', `${LOGS}?${query}`);
    expect([status, body.data.error.details[0].field]).toEqual([400, field]);
  });
});

describe('a reader without permission to see the keys of others', () => {
  const SECRET_NAME = 'Payroll export to Bank of Nowhere';

  /** The key of a Viewer, and the entries that it can read, as text. */
  async function viewerKey(): Promise<string> {
    const userId = await service.addMember('Viewer');
    const permissions = ['workspace:logs-read', 'api-keys:read'];
    return (await service.createKey({ userId, permissions, name: 'The own key of the viewer' })).key;
  }
  const read = async (as: string, query = '') => (await call('GET', `${LOGS}?${query}`, undefined, as)).body;

  test('cannot read their names or owners in the log, nor find them by a search; own keys are visible', async () => {
    const member = await service.addMember('Member');
    const { apiKey } = await service.createKey({ userId: member, name: SECRET_NAME });
    await call('PATCH', `${KEYS}/${apiKey.id}`, { name: `${SECRET_NAME} 2` });
    await call('DELETE', `${KEYS}/${apiKey.id}`);
    const as = await viewerKey();
    const { result } = (await read(as)).data;
    const text = JSON.stringify(result);
    expect(text).not.toContain(SECRET_NAME);
    expect(text).not.toContain(member);
    expect(text).toContain('The own key of the viewer');
    const updated = result.logs.find(
      ({ eventType }: { eventType: string }) => eventType === 'api-key.updated',
    );
    expect(updated.metadata).toMatchObject({
      target: { id: apiKey.id },
      credential: { kind: 'key', keyId: null },
      before: { name: null },
      after: { name: null },
    });
    for (const search of ['Payroll', member]) {
      const { pagination } = (await read(as, `search=${search}`)).data.result;
      expect(pagination.total, search).toBe(0);
    }
    expect(JSON.stringify(await logs())).toContain(SECRET_NAME);
  });

  test('cannot see in a sign-in entry which key created the link', async () => {
    const link = await call('POST', '/api/v2/sign-in-links');
    expect(link.status).toBe(201);
    const [entry] = (await read(await viewerKey(), 'eventType=sign-in-link.created')).data.result.logs;
    expect(entry.metadata).toMatchObject({ credential: { keyId: null }, after: { keyId: null } });
    const [own] = await logs('eventType=sign-in-link.created');
    expect(own.metadata.after.keyId).toMatch(/^key_/);
  });

  test('gets no export, since the hashes require that it contains all names', async () => {
    const { status, body } = await call('GET', `${LOGS}/export`, undefined, await viewerKey());
    expect([status, body.data.error]).toMatchObject([
      403,
      { code: 'PERMISSION_DENIED', details: [{ field: 'api-keys:manage-others' }] },
    ]);
  });
});

describe('GET /workspaces/logs/export', () => {
  test('streams the chain of the workspace as lines that can be verified', async () => {
    await service.createKey({ name: 'Straße \u{1F44D} "quoted"' });
    const neighbour = await service.addWorkspace();
    const { headers } = await call('GET', `${LOGS}/export`);
    expect(headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
    const lines = await exportLines();
    expect(lines).toHaveLength(4);
    expect(verifyChain(lines)).toMatchObject({ isIntact: true, head: { sequence: 3 } });
    expect(JSON.parse(lines.at(-1) ?? '').anchor.workspaceId).toBe(service.owner.workspaceId);
    expect(verifyChain(await exportLines(neighbour.secret))).toMatchObject({ head: { sequence: 1 } });
  });

  test('answers HEAD without the lines', async () => {
    const { status, body } = await call('HEAD', `${LOGS}/export`);
    expect([status, body]).toEqual([200, '']);
  });

  test('an edit of any stored column is detected', async () => {
    await service.createKey();
    const stored = await service.auditRow(2);
    const edits = [
      { id: 'log_x' },
      { event_type: 'api-key.rotated' },
      { actor_id: null },
      { actor_email: 'x' },
      { created_at: 1 },
      { details: stored.details.replace('calls:read', 'calls:write') },
      { details: 'x' },
      { hash: 'x' },
    ];
    for (const edit of edits) {
      await service.editAudit(2, edit);
      const verdict = verifyChain(await exportLines());
      expect(verdict, JSON.stringify(edit)).toEqual({ isIntact: false, sequence: 2, tampering: 'edited' });
      await service.editAudit(2, stored);
    }
    expect(verifyChain(await exportLines()).isIntact).toBe(true);
  });
});

describe('denied calls', () => {
  test('are recorded after the answer: who, what and why', async () => {
    const { key } = await service.createKey({ permissions: ['api-keys:read'] });
    const query = `workspaceId=${service.owner.workspaceId}`;
    await call('DELETE', `${KEYS}/key_unknown?${query}`, undefined, key);
    expect(await types('eventType=call.denied')).toEqual([]);
    await service.flush();
    const [entry] = await logs('eventType=call.denied');
    expect(entry.metadata).toMatchObject({
      target: { kind: 'call', id: `DELETE ${KEYS}/key_unknown` },
      refusal: 'PERMISSION_DENIED',
      address: '127.0.0.1',
      before: null,
      after: null,
    });
  });

  test('are those with 403, 404, 409, 412 or 422 of a known caller, and no others', async () => {
    const { apiKey } = await service.createKey();
    const url = `${KEYS}/${apiKey.id}`;
    const as = service.owner.secret;
    await service.call('PATCH', url, { as, body: { name: 'x' }, headers: { 'if-match': '"9"' } });
    await call('DELETE', url);
    await call('PATCH', url, { name: 'x' });
    await call('GET', `${KEYS}/key_unknown`);
    await call('POST', KEYS, { name: '' });
    await service.call('GET', KEYS);
    await service.call('GET', KEYS, { as: 'no-such-key' });
    await service.flush();
    const denied = await logs('eventType=call.denied');
    const refusals = denied.map(({ metadata }) => metadata.refusal);
    expect(refusals).toEqual(['VERSION_MISMATCH', 'CONFLICT', 'NOT_FOUND']);
  });

  test(`are recorded up to ${DENIED_PER_MINUTE_MAX} per minute and workspace`, async () => {
    const neighbour = await service.addWorkspace();
    for (let count = 0; count < 30; count++) await call('GET', `${KEYS}/key_unknown`);
    await call('GET', `${KEYS}/key_unknown`, undefined, neighbour.secret);
    await service.flush();
    expect(await logs('eventType=call.denied')).toHaveLength(DENIED_PER_MINUTE_MAX);
    service.clock.advance(60_000);
    await call('GET', `${KEYS}/key_unknown`);
    await service.flush();
    expect(await logs('eventType=call.denied')).toHaveLength(DENIED_PER_MINUTE_MAX + 1);
    expect(verifyChain(await exportLines(neighbour.secret))).toMatchObject({ head: { sequence: 2 } });
  });
});

describe('retention', () => {
  test('removes whole days from the beginning, records that, and the remaining entries verify', async () => {
    const { storage, clock } = service;
    const needs = { unitOfWork: storage, audit: storage.audit, clock };
    clock.set('2026-11-25T12:00:00Z');
    await service.createKey();
    await trimLog(needs, 2);
    expect(await types()).toHaveLength(3);
    clock.set('2026-11-26T12:00:00Z');
    await trimLog(needs, 2);
    await trimLog(needs, 2);
    expect(await types()).toEqual(['api-key.created', 'audit.trimmed']);
    const lines = await exportLines();
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ checkpoint: { sequence: 2 } });
    expect(verifyChain(lines)).toMatchObject({
      isIntact: true,
      from: { sequence: 2 },
      head: { sequence: 4 },
    });
  });

  test('removes no entries if no number of days is set', async () => {
    service.clock.set('2099-01-01T00:00:00Z');
    await service.flush();
    expect(await types()).toEqual(['workspace.founded', 'api-key.created']);
  });
});

describe('filters of the log', () => {
  const namesOf = async (query: string) => (await logs(query)).map(({ metadata }) => metadata.target.id);

  test('select a time: from the first instant (inclusive) to the second (exclusive)', async () => {
    const early = await service.createKey();
    service.clock.advance(1_000);
    const at = new Date(service.clock.now()).toISOString();
    const late = await service.createKey();
    expect(await namesOf(`from=${at}`)).toEqual([late.apiKey.id]);
    expect(await namesOf(`to=${at}&targetId=${early.apiKey.id}`)).toEqual([early.apiKey.id]);
    expect(await namesOf(`from=${at}&search=created`)).toEqual([late.apiKey.id]);
    expect(await namesOf(`from=2999-01-01&search=created`)).toEqual([]);
  });

  test('select a target and several types', async () => {
    const { apiKey } = await service.createKey();
    const other = await service.createKey();
    await call('DELETE', `${KEYS}/${apiKey.id}`);
    expect(await types(`targetId=${apiKey.id}`)).toEqual(['api-key.created', 'api-key.revoked']);
    const both = `targetId=${apiKey.id}&eventType=api-key.revoked&eventType=role.created`;
    expect(await types(both)).toEqual(['api-key.revoked']);
    const several = await types('eventType=api-key.created&eventType=api-key.revoked');
    expect(several).toEqual([...Array(3).fill('api-key.created'), 'api-key.revoked']);
    expect(await namesOf('eventType=api-key.created')).toContain(other.apiKey.id);
  });

  test('find a key by the name that it had, even in entries of changes that keep the name', async () => {
    const { apiKey } = await service.createKey({ name: 'Ångström worker' });
    await call('PATCH', `${KEYS}/${apiKey.id}`, { name: 'Renamed' });
    await call('DELETE', `${KEYS}/${apiKey.id}`);
    expect(await types('search=angstrom')).toEqual(['api-key.created', 'api-key.updated']);
    expect(await types('search=RENAMED')).toEqual(['api-key.updated', 'api-key.revoked']);
  });

  test('find by name only keys that the reader may see', async () => {
    await service.createKey({ name: 'Payroll' });
    const memberId = await service.addMember('Admin');
    const permissions = ['workspace:logs-read', 'api-keys:read', 'api-keys:write'];
    const reader = await service.createKey({ userId: memberId, permissions });
    const own = await service.createKey(
      { name: 'Payroll of mine', userId: memberId, permissions: [] },
      reader.key,
    );
    const answer = await call('GET', `${LOGS}?search=payroll`, undefined, reader.key);
    const { logs: found, pagination } = answer.body.data.result;
    expect(found.map(({ metadata }: { metadata: { target: object } }) => metadata.target)).toEqual([
      { kind: 'api-key', id: own.apiKey.id },
    ]);
    expect(pagination.total).toBe(1);
    const blind = await service.createKey({ permissions: ['workspace:logs-read'] });
    const none = await call('GET', `${LOGS}?search=payroll`, undefined, blind.key);
    expect(none.body.data.result.pagination.total).toBe(0);
  });

  test.each(['from=yesterday', 'to=1', 'from=2026-02-01&to=2026-02-01', 'eventType=none', 'targetId='])(
    '400 for %s',
    async (query) => {
      const { status, body } = await call('GET', `${LOGS}?${query}`);
      expect([status, body.data.error.code]).toEqual([400, 'VALIDATION_FAILED']);
    },
  );
});
