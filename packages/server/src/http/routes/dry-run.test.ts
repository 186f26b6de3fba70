import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { snapshot } from '../../../test/harness/snapshot.ts';
import { type Answer, startTestService, type TestService } from '../../../test/harness/test-service.ts';

const API = '/api/v2';

let service: TestService;

beforeEach(async () => {
  service = await startTestService();
});
afterEach(() => service.close());

interface Change {
  readonly method: 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

function call({ method, path, body }: Change, query = '', as = service.owner.secret): Promise<Answer> {
  return service.call(method, `${API}${path}${query}`, { as, ...(body !== undefined && { body }) });
}

async function entries(): Promise<number> {
  const { body } = await service.call('GET', `${API}/workspaces/logs?limit=1`, { as: service.owner.secret });
  return body.data.result.pagination.total;
}

/** The answer of the dry run, after which nothing is different. */
async function rehearse(change: Change, as = service.owner.secret): Promise<Answer> {
  const before = [await snapshot(service), await entries()];
  const answer = await call(change, '?dryRun=true', as);
  expect([await snapshot(service), await entries()]).toEqual(before);
  return answer;
}

/** The result of the dry run, which is that of the change. `affected` is only in the former. */
async function compare(change: Change) {
  const tried = await rehearse(change);
  expect(tried.status, JSON.stringify(tried.body)).toBe(200);
  expect(tried.body.data.message).toMatch(/^Dry run, nothing was changed: /);
  const { affected, ...result } = tried.body.data.result;
  const acted = await call(change);
  expect(acted.body.data.result).toEqual(result);
  return { affected, result };
}

const memberPath = (userId: string) => `/workspaces/${service.owner.workspaceId}/members/${userId}`;

/** A key, a key that it made for its owner, and one that this made. */
async function family() {
  const parent = await service.createKey({ name: 'parent' });
  const child = await service.createKey({ name: 'child' }, parent.key);
  const grandchild = await service.createKey({ name: 'grandchild' }, child.key);
  return [parent, child, grandchild] as const;
}

const namesIn = ({ keys }: { keys: { name: string }[] }) => keys.map(({ name }) => name).sort();

/** A role with two permissions, and a member with this role and a key of both. */
async function memberWithKey() {
  const { workspaceId, secret: as } = service.owner;
  const permissions = ['calls:read', 'calls:write'];
  const made = await service.call('POST', `${API}/workspaces/${workspaceId}/roles`, {
    as,
    body: { name: 'Callers', permissions },
  });
  const roleId: string = made.body.data.result.role.id;
  const userId = await service.addMember('Viewer');
  await call({ method: 'PUT', path: memberPath(userId), body: { roleId } });
  const { apiKey } = await service.createKey({ userId, permissions, name: 'theirs' });
  return { roleId, userId, keyId: apiKey.id as string };
}

describe('a dry run returns what the change then returns, and changes nothing', () => {
  test('revocation, with the keys that end', async () => {
    const [parent] = await family();
    const path = `/api-keys/${parent.apiKey.id}`;
    const alone = await rehearse({ method: 'DELETE', path });
    expect(alone.body.data.result).toMatchObject({ livingDescendants: 2, affected: { total: 1 } });
    const { affected, result } = await compare({ method: 'DELETE', path, body: { cascade: true } });
    expect(result.ended).toHaveLength(2);
    expect(affected.total).toBe(3);
    expect(namesIn(affected)).toEqual(['child', 'grandchild', 'parent']);
  });

  test('bulk revocation, in which an item sees the items before it', async () => {
    const [parent, child] = await family();
    const other = await service.createKey({ name: 'other' });
    const ids = [parent.apiKey.id, child.apiKey.id, 'key_unknown', other.apiKey.id, other.apiKey.id];
    const body = { ids, cascade: true };
    const { affected, result } = await compare({ method: 'DELETE', path: '/api-keys', body });
    expect(result.errors.map(({ code }: { code: string }) => code)).toEqual(['NOT_FOUND', 'CONFLICT']);
    expect(result.deleted).toHaveLength(3);
    expect(result.ended).toHaveLength(2);
    expect(namesIn(affected)).toEqual(['child', 'grandchild', 'other', 'parent']);
  });

  test('bulk revocation, in which an item that fails leaves nothing for the next', async () => {
    const manager = await service.createKey({ name: 'manager' });
    const worker = await service.createKey({ name: 'worker', permissions: ['calls:read'] });
    const founder = (await service.call('GET', `${API}/me`, { as: service.owner.secret })).body.data.result
      .caller.keyId;
    const ids = [manager.apiKey.id, founder, worker.apiKey.id];
    const { result } = await compare({ method: 'DELETE', path: '/api-keys', body: { ids } });
    expect(result.deleted).toEqual([manager.apiKey.id, worker.apiKey.id]);
    expect(result.errors).toMatchObject([{ id: founder, code: 'LAST_MANAGING_KEY' }]);
  });

  test('bulk disabling', async () => {
    const [parent, child] = await family();
    const apiKeys = [parent, child].map(({ apiKey }) => ({ id: apiKey.id, isActive: false }));
    const { result } = await compare({ method: 'PUT', path: '/api-keys', body: { apiKeys } });
    expect(result.updated).toMatchObject([{ status: 'disabled' }, { status: 'disabled' }]);
  });

  test('a change of a role, with the keys that exceed it', async () => {
    const { roleId, keyId } = await memberWithKey();
    const path = `/workspaces/${service.owner.workspaceId}/roles/${roleId}`;
    const body = { permissions: ['calls:read'], revokeExceeding: true };
    const { result } = await compare({ method: 'PUT', path, body });
    expect(result.exceedingKeys).toMatchObject([
      { id: keyId, name: 'theirs', key: expect.stringContaining('…'), exceeding: ['calls:write'] },
    ]);
  });

  test('another role for a member, with the keys that are revoked for it', async () => {
    const { userId, keyId } = await memberWithKey();
    const viewer = await service.storage.roles.findByName(service.owner.workspaceId, 'Viewer');
    const body = { roleId: viewer?.id, revokeExceeding: true };
    const { affected, result } = await compare({ method: 'PUT', path: memberPath(userId), body });
    expect(result.ended).toEqual([{ kind: 'api-key', id: keyId }]);
    expect(affected).toMatchObject({ total: 1, keys: [{ id: keyId }] });
  });

  test('suspension of a member, with the keys that it stops and the sessions that it ends', async () => {
    const { userId, keyId } = await memberWithKey();
    await service.signIn(userId);
    const body = { status: 'suspended' };
    const { affected, result } = await compare({ method: 'PUT', path: memberPath(userId), body });
    expect(result.ended).toMatchObject([{ kind: 'session' }]);
    expect(affected).toMatchObject({ total: 1, keys: [{ id: keyId, name: 'theirs', lastUsedAt: null }] });
    const again = await rehearse({ method: 'PUT', path: memberPath(userId), body });
    expect(again.body.data.result.affected).toEqual({ total: 0, keys: [] });
  });

  test('removal of a member, with their keys', async () => {
    const { userId, keyId } = await memberWithKey();
    const { affected, result } = await compare({ method: 'DELETE', path: memberPath(userId) });
    expect(result.revokedKeys).toBe(1);
    expect(affected).toMatchObject({ total: 1, keys: [{ id: keyId, userId, name: 'theirs' }] });
  });

  test('a change of the mode, with the keys that it narrows or widens', async () => {
    const { userId, keyId } = await memberWithKey();
    const viewer = await service.storage.roles.findByName(service.owner.workspaceId, 'Viewer');
    await call({ method: 'PUT', path: memberPath(userId), body: { roleId: viewer?.id } });
    for (const permissionMode of ['capped', 'frozen']) {
      const { affected } = await compare({ method: 'PUT', path: '/workspaces', body: { permissionMode } });
      expect(affected).toMatchObject({ total: 1, keys: [{ id: keyId }] });
    }
    const renamed = await compare({ method: 'PUT', path: '/workspaces', body: { name: 'Other' } });
    expect(renamed.affected).toEqual({ total: 0, keys: [] });
  });
});

describe('a dry run is denied as the change is', () => {
  test('without the permission of the call, and for an unknown key', async () => {
    const { key, apiKey } = await service.createKey({ permissions: ['calls:read'] });
    const other = await service.createKey();
    for (const [method, path] of [
      ['DELETE', `/api-keys/${other.apiKey.id}`],
      ['DELETE', memberPath(service.owner.userId)],
      ['PUT', '/workspaces'],
    ] as const) {
      const body = method === 'PUT' ? { permissionMode: 'capped' } : undefined;
      const before = await snapshot(service);
      const denied = await call({ method, path, ...(body && { body }) }, '?dryRun=true', key);
      expect([denied.status, denied.body.data.error.code]).toEqual([403, 'PERMISSION_DENIED']);
      expect(await snapshot(service)).toEqual(before);
    }
    expect(apiKey.status).toBe('active');
    expect((await rehearse({ method: 'DELETE', path: '/api-keys/key_unknown' })).status).toBe(404);
  });

  test('LAST_OWNER and LAST_MANAGING_KEY are found, and `force` is heeded', async () => {
    const { userId, workspaceId, secret } = service.owner;
    const owner = await rehearse({ method: 'DELETE', path: memberPath(userId) });
    expect(owner.body.data.error.code).toBe('LAST_OWNER');
    const { keyId } = (await service.call('GET', `${API}/me`, { as: secret })).body.data.result.caller;
    const path = `/api-keys/${keyId}`;
    const last = await rehearse({ method: 'DELETE', path });
    expect(last.body.data.error.code).toBe('LAST_MANAGING_KEY');
    expect((await rehearse({ method: 'DELETE', path, body: { force: true } })).status).toBe(200);
    expect(await service.storage.workspaces.find(workspaceId)).toBeDefined();
  });

  test('400 for a value that is not a boolean', async () => {
    const { apiKey } = await service.createKey();
    const { status } = await call({ method: 'DELETE', path: `/api-keys/${apiKey.id}` }, '?dryRun=yes');
    expect(status).toBe(400);
    const { body } = await service.call('GET', `${API}/api-keys/${apiKey.id}`, { as: service.owner.secret });
    expect(body.data.result.apiKey.status).toBe('active');
  });

  test('keys that the caller may not see are counted and not listed', async () => {
    const { userId } = await memberWithKey();
    const { key } = await service.createKey({ permissions: ['members:remove', 'members:read'] });
    const answer = await rehearse({ method: 'DELETE', path: memberPath(userId) }, key);
    expect(answer.body.data.result.affected).toEqual({ total: 1, keys: [] });
  });
});

test('changes that run at the same time as a dry run are kept', async () => {
  const [parent] = await family();
  const made = await Promise.all([
    service.createKey({ name: 'before' }),
    call(
      { method: 'DELETE', path: `/api-keys/${parent.apiKey.id}`, body: { cascade: true } },
      '?dryRun=true',
    ),
    service.createKey({ name: 'after' }),
  ]);
  expect(made[1].status).toBe(200);
  const { body } = await service.call('GET', `${API}/api-keys?limit=100`, { as: service.owner.secret });
  const names = body.data.result.apiKeys.map(({ name }: { name: string }) => name);
  expect(names).toEqual(expect.arrayContaining(['before', 'after', 'parent', 'child', 'grandchild']));
});
