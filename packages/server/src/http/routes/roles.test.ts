import { type Permission, SYSTEM_ROLES } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, startTestService, type TestService } from '../../../test/harness/test-service.ts';

let service: TestService;
let roles: string;

beforeEach(async () => {
  service = await startTestService();
  roles = `/api/v2/workspaces/${service.owner.workspaceId}/roles`;
});
afterEach(() => service.close());

function call(method: string, path = '', body?: unknown, as = service.owner.secret): Promise<Answer> {
  return service.call(method, roles + path, { as, ...(body !== undefined && { body }) });
}

async function create(name: string, permissions: readonly Permission[] = ['calls:read']) {
  const { status, body } = await call('POST', '', { name, permissions });
  expect(status, JSON.stringify(body)).toBe(201);
  return body.data.result.role;
}

async function expectRefused(answer: Answer, status: number, code: string): Promise<void> {
  expect([answer.status, answer.body.data.error.code]).toEqual([status, code]);
}

const systemRole = async (name: string) =>
  (await service.storage.roles.findByName(service.owner.workspaceId, name))?.id ?? '';

/** A key with the permissions to write roles, and `calls:read`. */
async function weakKey(): Promise<string> {
  const permissions = ['roles:read', 'roles:write', 'roles:delete', 'calls:read'];
  return (await service.createKey({ permissions })).key;
}

describe('GET …/roles', () => {
  test('returns for each role the number of its members, and whether the caller may assign it', async () => {
    await service.addMember('Viewer');
    await create('Readers');
    const shown = (body: Answer['body']) =>
      body.data.result.roles.map((role: Record<string, unknown>) => [
        role.name,
        role.isSystem,
        role.isDefault,
        role.memberCount,
        role.assignable,
      ]);
    expect(shown((await call('GET')).body)).toEqual([
      ['Owner', true, false, 1, true],
      ['Admin', true, false, 0, true],
      ['Member', true, true, 0, true],
      ['Viewer', true, false, 1, true],
      ['Readers', false, false, 0, true],
    ]);
    const { body } = await call('GET', '', undefined, await weakKey());
    expect(shown(body).map((row: unknown[]) => row[4])).toEqual([false, false, false, false, true]);
  });

  test('only owners can assign Owner, even if another role has all permissions', async () => {
    await create('All of it', SYSTEM_ROLES.Owner.permissions);
    const userId = await service.addMember('All of it');
    const { key } = await service.createKey({ userId });
    const { body } = await call('GET', '', undefined, key);
    const assignable = body.data.result.roles.map((role: { assignable: boolean }) => role.assignable);
    expect(assignable).toEqual([false, true, true, true, true]);
  });
});

describe('POST …/roles', () => {
  test('creates a role and returns its Location', async () => {
    const { headers, body } = await call('POST', '', {
      name: ' Support ',
      description: 'First line',
      permissions: ['calls:write', 'calls:read', 'calls:write'],
    });
    const { role } = body.data.result;
    expect(headers.location).toBe(`${roles}/${role.id}`);
    expect(role).toEqual({
      id: expect.stringMatching(/^role_/),
      workspaceId: service.owner.workspaceId,
      name: 'Support',
      description: 'First line',
      permissions: ['calls:read', 'calls:write'],
      isSystem: false,
      isDefault: false,
      memberCount: 0,
      assignable: true,
      createdAt: '2026-11-23T09:00:00.000Z',
      updatedAt: '2026-11-23T09:00:00.000Z',
    });
  });

  test.each([
    ['a Cyrillic letter', '\u041ewner', 'Owner'],
    ['Cyrillic letters, in capitals', '\u041eWN\u0415R', 'Owner'],
    ['an invisible character', 'Ow\u200bner', 'Owner'],
    ['a non-breaking space', 'Billing\u00a0team', 'Billing team'],
    ['a digit', '0wner', 'Owner'],
    ['two letters that look like one', 'Adrnin', 'Admin'],
    ['full-width letters', '\uff21dmin', 'Admin'],
  ])(
    '409 for a name that differs from that of another role only by %s, for a creation and a renaming',
    async (_what, name, other) => {
      if (other === 'Billing team') await create(other);
      await expectRefused(await call('POST', '', { name, permissions: [] }), 409, 'CONFLICT');
      const { id } = await create('Support');
      await expectRefused(await call('PUT', `/${id}`, { name }), 409, 'CONFLICT');
    },
  );

  test('an existing role with a confusable name can still be changed, and renamed to a distinct name', async () => {
    const { id } = await create('Support');
    const stored = await service.storage.roles.find(service.owner.workspaceId, id);
    if (stored) await service.storage.roles.update({ ...stored, name: '\u041ewner' });
    expect((await call('PUT', `/${id}`, { description: 'Changed' })).status).toBe(200);
    expect((await call('PUT', `/${id}`, { name: 'Support' })).status).toBe(200);
  });

  test('409 for the name of another role in any letter case, also of a system role', async () => {
    await create('Überblick');
    for (const name of ['ÜBERBLICK', 'U\u0308berblick', 'owner'])
      await expectRefused(await call('POST', '', { name, permissions: [] }), 409, 'CONFLICT');
  });

  test('403 for a permission that the caller does not hold, naming it, and nothing is created', async () => {
    const body = { name: 'Strong', permissions: ['calls:read', 'billing:manage'] };
    const answer = await call('POST', '', body, await weakKey());
    await expectRefused(answer, 403, 'PERMISSION_ESCALATION');
    expect(answer.body.data.error.details).toEqual([
      { field: 'permissions', message: 'billing:manage is not held' },
    ]);
    expect((await call('GET')).body.data.result.roles).toHaveLength(4);
  });

  test.each([
    ['name', { name: '' }],
    ['name', { name: 'x'.repeat(61) }],
    ['name', { name: 'a\u202eb' }],
    ['description', { description: 'x'.repeat(501) }],
    ['permissions[0]', { permissions: ['calls:fly'] }],
    ['permissions', { permissions: null }],
  ])('400 naming %s for %j', async (field, change) => {
    const answer = await call('POST', '', { name: 'x', permissions: [], ...change });
    await expectRefused(answer, 400, 'VALIDATION_FAILED');
    expect(answer.body.data.error.details[0].field).toBe(field);
  });
});

describe('PUT …/roles/{roleId}', () => {
  test('changes the given fields; null clears the description', async () => {
    const { id } = await create('Support');
    service.clock.advance(1_000);
    const changes = { name: 'SUPPORT', description: 'd' };
    const { body } = await call('PUT', `/${id}`, changes);
    expect(body.data.result).toMatchObject({
      role: { ...changes, permissions: ['calls:read'], updatedAt: '2026-11-23T09:00:01.000Z' },
      exceedingKeys: [],
    });
    const cleared = await call('PUT', `/${id}`, { description: null, permissions: [] });
    expect(cleared.body.data.result.role).toMatchObject({ description: null, permissions: [] });
  });

  test('names the keys that exceed it afterwards, which still work; revokeExceeding revokes them in the same change', async () => {
    const { id } = await create('Support', ['calls:read', 'calls:write']);
    const userId = await service.addMember('Support');
    const { apiKey, key } = await service.createKey({ userId, name: 'both' });
    await service.createKey({ userId, name: 'within', permissions: ['calls:read'] });
    const demote = (body: object) => call('PUT', `/${id}`, { permissions: ['calls:read'], ...body });
    const shown = {
      id: apiKey.id,
      userId,
      name: 'both',
      key: expect.stringContaining('…'),
      lastUsedAt: null,
    };
    const exceeding = [{ ...shown, exceeding: ['calls:write'] }];
    expect((await demote({})).body.data.result.exceedingKeys).toEqual(exceeding);
    expect((await service.call('GET', '/api/v2/me', { as: key })).status).toBe(200);
    expect((await demote({ revokeExceeding: true })).body.data.result.exceedingKeys).toEqual(exceeding);
    const denied = await service.call('GET', '/api/v2/me', { as: key });
    await expectRefused(denied, 401, 'KEY_REVOKED');
    const { body } = await service.call('GET', `/api/v2/api-keys/${apiKey.id}`, { as: service.owner.secret });
    expect(body.data.result.apiKey.revokedReason).toBe('ROLE_CHANGED');
    expect((await demote({})).body.data.result.exceedingKeys).toEqual([]);
  });

  test('403 for adding permissions beyond the caller; removing and renaming need only roles:write', async () => {
    const { id } = await create('Billing', ['billing:manage', 'calls:read']);
    const key = await weakKey();
    for (const permissions of [['billing:manage', 'calls:read', 'roles:read'], ['agents:read']]) {
      const answer = await call('PUT', `/${id}`, { permissions }, key);
      await expectRefused(answer, 403, 'PERMISSION_ESCALATION');
    }
    expect((await call('PUT', `/${id}`, { name: 'Money' }, key)).status).toBe(200);
    expect((await call('PUT', `/${id}`, { permissions: ['billing:manage'] }, key)).status).toBe(200);
  });

  test('409 for a system role and for the name of another', async () => {
    const { id } = await create('Support');
    for (const name of Object.keys(SYSTEM_ROLES)) {
      const change = { permissions: [] };
      await expectRefused(await call('PUT', `/${await systemRole(name)}`, change), 409, 'CONFLICT');
    }
    await expectRefused(await call('PUT', `/${id}`, { name: 'VIEWER' }), 409, 'CONFLICT');
  });
});

describe('DELETE …/roles/{roleId}', () => {
  test('deletes a role without members', async () => {
    const { id } = await create('Support');
    expect((await call('DELETE', `/${id}`)).body.data.result.role.name).toBe('Support');
    await expectRefused(await call('DELETE', `/${id}`), 404, 'NOT_FOUND');
  });

  test('409 for a role with members, and for a system role', async () => {
    const { id } = await create('Support');
    await service.addMember('Support');
    await expectRefused(await call('DELETE', `/${id}`), 409, 'CONFLICT');
    await expectRefused(await call('DELETE', `/${await systemRole('member')}`), 409, 'CONFLICT');
    expect((await call('GET')).body.data.result.roles).toHaveLength(5);
  });
});
