import { PERMISSIONS } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, startTestService, type TestService } from '../../../test/harness/test-service.ts';
import { listWorkspaces } from '../../domain/workspaces/list-workspaces.ts';

const WORKSPACES = '/api/v2/workspaces';
const PAGE = { sortOrder: 'asc', limit: 100, offset: 0, after: null } as const;

let service: TestService;

beforeEach(async () => {
  service = await startTestService();
});
afterEach(() => service.close());

function call(method: string, path = '', body?: unknown, as = service.owner.secret): Promise<Answer> {
  return service.call(method, WORKSPACES + path, { as, ...(body !== undefined && { body }) });
}

async function check(key: string): Promise<string> {
  const { body } = await service.call('GET', '/api/v2/api-keys/check', { as: key });
  return body.success ? 'VALID' : body.data.error.code;
}

describe('POST /workspaces', () => {
  test('creates a workspace with its own owner, and the calling key gets no new permissions', async () => {
    const { status, headers, body } = await call('POST', '', { name: ' Second ' });
    const { workspace } = body.data.result;
    expect(status).toBe(201);
    expect(headers.location).toBe(`${WORKSPACES}/${workspace.id}`);
    expect(workspace).toEqual({
      id: expect.stringMatching(/^ws_/),
      name: 'Second',
      permissionMode: 'frozen',
      status: 'active',
      createdAt: '2026-11-23T09:00:00.000Z',
      updatedAt: '2026-11-23T09:00:00.000Z',
    });
    const [owner] = (await service.storage.members.list(workspace.id, PAGE)).items;
    expect(owner).toMatchObject({ isOwner: true, status: 'active', email: 'owner@example.com' });
    expect(owner).toMatchObject({ displayName: 'Olive Owner', accountId: null });
    expect(owner?.id).not.toBe(service.owner.userId);
    expect((await call('GET', `/${workspace.id}/roles`)).status).toBe(404);
  });

  test('a calling key gets the first key of the new workspace, which can use and delete it', async () => {
    const { workspace, key } = (await call('POST', '', { name: 'Second' })).body.data.result;
    const me = (await service.call('GET', '/api/v2/me', { as: key })).body.data.result.caller;
    expect(me).toMatchObject({ workspaceId: workspace.id, permissions: [...PERMISSIONS] });
    const body = { name: 'k', userId: me.userId };
    expect((await service.call('POST', '/api/v2/api-keys', { as: key, body })).status).toBe(201);
    expect((await call('DELETE', `/${workspace.id}`, undefined, key)).status).toBe(200);
    expect(await check(key)).toBe('KEY_REVOKED');
  });

  test('403 for a key without workspace:settings-write, and nothing is created', async () => {
    const permissions = PERMISSIONS.filter((held) => held !== 'workspace:settings-write');
    const { key } = await service.createKey({ permissions });
    const { status, body } = await call('POST', '', { name: 'x' }, key);
    expect([status, body.data.error.code]).toEqual([403, 'PERMISSION_DENIED']);
    const { items: entries } = await service.storage.audit.list(service.owner.workspaceId, {}, PAGE);
    expect(entries.map(({ eventType }) => eventType)).not.toContain('workspace.created');
  });

  test.each(['', ' ', 'a\nb', 'x'.repeat(101)])('400 for the name %j', async (name) => {
    const { status, body } = await call('POST', '', { name });
    expect([status, body.data.error.details[0].field]).toEqual([400, 'name']);
  });
});

describe('GET /workspaces', () => {
  test('a credential that proves no account sees its own workspace', async () => {
    await call('POST', '', { name: 'Second' });
    await service.addWorkspace();
    const { body } = await call('GET');
    expect(body.data.result.workspaces.map(({ id }: { id: string }) => id)).toEqual([
      service.owner.workspaceId,
    ]);
    const all = await listWorkspaces(service.storage, await service.session(), {});
    expect(all.items.map(({ name }) => name)).toEqual(['Test']);
  });
});

describe('PUT /workspaces', () => {
  test('changes the given fields and keeps the others', async () => {
    service.clock.advance(1_000);
    const { body } = await call('PUT', '', { permissionMode: 'capped' });
    expect(body.data.result.workspace).toMatchObject({
      name: 'Test',
      permissionMode: 'capped',
      updatedAt: '2026-11-23T09:00:01.000Z',
    });
    expect((await call('PUT', '', { name: 'New' })).body.data.result.workspace).toMatchObject({
      name: 'New',
      permissionMode: 'capped',
    });
  });

  test('capped limits keys that exceed the role of their owner at once; frozen restores their permissions', async () => {
    const userId = await service.addMember();
    const { key, apiKey } = await service.createKey({ userId, permissions: ['calls:read', 'calls:write'] });
    const viewer = await service.storage.roles.findByName(service.owner.workspaceId, 'viewer');
    await call('PUT', `/${service.owner.workspaceId}/members/${userId}`, { roleId: viewer?.id });
    const verdict = async () => {
      const body = { key, permissions: ['calls:read', 'calls:write'] };
      const answer = await service.call('POST', '/api/v2/api-keys/verify', {
        as: service.owner.secret,
        body,
      });
      return answer.body.data.result;
    };
    const me = async () => (await service.call('GET', '/api/v2/me', { as: key })).body.data.result.caller;
    expect((await verdict()).code).toBe('VALID');
    await call('PUT', '', { permissionMode: 'capped' });
    expect(await verdict()).toMatchObject({ code: 'PERMISSION_DENIED', missing: ['calls:write'] });
    expect((await me()).permissions).toEqual(['calls:read']);
    expect((await verdict()).apiKey.permissions).toEqual(['calls:read']);
    await call('PUT', '', { permissionMode: 'frozen' });
    expect((await verdict()).apiKey.permissions).toEqual(apiKey.permissions);
    expect((await verdict()).code).toBe('VALID');
    expect((await me()).permissions).toEqual(['calls:read', 'calls:write']);
  });

  test('400 for an unknown mode', async () => {
    const { status, body } = await call('PUT', '', { permissionMode: 'open' });
    expect([status, body.data.error.details[0].field]).toEqual([400, 'permissionMode']);
  });
});

describe('DELETE /workspaces/{workspaceId}', () => {
  test('revokes all keys of the workspace at once, and no others', async () => {
    const other = await service.addWorkspace();
    const { key } = await service.createKey();
    const { status, body } = await call('DELETE', `/${service.owner.workspaceId}`);
    expect([status, body.data.result.workspace.status]).toEqual([200, 'deleted']);
    for (const secret of [key, service.owner.secret]) expect(await check(secret)).toBe('KEY_REVOKED');
    expect(await check(other.secret)).toBe('VALID');
  });

  test('409 for the last workspace with a key that can make keys, and nothing changes', async () => {
    const { workspace, key } = (await call('POST', '', { name: 'Second' })).body.data.result;
    await call('DELETE', `/${workspace.id}`, undefined, key);
    const { status, body } = await call('DELETE', `/${service.owner.workspaceId}`);
    expect([status, body.data.error.code]).toEqual([409, 'CONFLICT']);
    expect(body.data.message).toContain('the service would become unusable');
    expect(await check(service.owner.secret)).toBe('VALID');
  });
});

test('keys of a suspended workspace get WORKSPACE_SUSPENDED until the workspace is reactivated', async () => {
  const { workspaces } = service.storage;
  const workspace = await workspaces.find(service.owner.workspaceId);
  if (!workspace) throw new Error('The workspace is there');
  await workspaces.update({ ...workspace, suspendedAt: service.clock.now() });
  const { status, body } = await call('GET');
  expect([status, body.data.error.code]).toEqual([403, 'WORKSPACE_SUSPENDED']);
  expect(await check(service.owner.secret)).toBe('WORKSPACE_SUSPENDED');
  await workspaces.update(workspace);
  expect(await check(service.owner.secret)).toBe('VALID');
});
