import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, startTestService, type TestService } from '../../../test/harness/test-service.ts';

let service: TestService;
let members: string;

beforeEach(async () => {
  service = await startTestService();
  members = `/api/v2/workspaces/${service.owner.workspaceId}/members`;
});
afterEach(() => service.close());

function call(method: string, path = '', body?: unknown, as = service.owner.secret): Promise<Answer> {
  return service.call(method, members + path, { as, ...(body !== undefined && { body }) });
}

async function expectRefused(answer: Answer, status: number, code: string): Promise<void> {
  expect([answer.status, answer.body.data.error.code]).toEqual([status, code]);
}

const roleId = async (name: string) =>
  (await service.storage.roles.findByName(service.owner.workspaceId, name))?.id ?? '';

async function check(key: string): Promise<string> {
  const { body } = await service.call('GET', '/api/v2/api-keys/check', { as: key });
  return body.success ? 'VALID' : body.data.error.code;
}

/** A person with the role, and their key with all permissions of the role. */
async function person(role: string): Promise<{ userId: string; key: string; keyId: string }> {
  const userId = await service.addMember(role);
  const { key, apiKey } = await service.createKey({ userId });
  return { userId, key, keyId: apiKey.id };
}

describe('GET …/members', () => {
  test('lists the members of the workspace with their roles', async () => {
    service.clock.advance(1);
    const { userId } = await person('Viewer');
    const { body } = await call('GET');
    expect(body.data.result.members).toEqual([
      expect.objectContaining({ userId: service.owner.userId, roleName: 'Owner', status: 'active' }),
      {
        userId,
        workspaceId: service.owner.workspaceId,
        email: `${userId}@example.com`,
        displayName: 'Second',
        roleId: await roleId('viewer'),
        roleName: 'Viewer',
        status: 'active',
        createdAt: '2026-11-23T09:00:00.001Z',
        updatedAt: '2026-11-23T09:00:00.001Z',
      },
    ]);
  });
});

describe('PUT …/members/{userId}', () => {
  test('changes the role, and names the keys that then exceed it', async () => {
    const { userId, key, keyId } = await person('Member');
    const { body } = await call('PUT', `/${userId}`, { roleId: await roleId('viewer') });
    expect(body.data.result.member.roleName).toBe('Viewer');
    expect(body.data.result.exceedingKeys).toEqual([
      expect.objectContaining({ id: keyId, exceeding: expect.arrayContaining(['calls:write']) }),
    ]);
    expect(await check(key)).toBe('VALID');
  });

  test('with revokeExceeding these keys are revoked in the same change', async () => {
    const { userId, key } = await person('Member');
    await call('PUT', `/${userId}`, { roleId: await roleId('viewer'), revokeExceeding: true });
    expect(await check(key)).toBe('KEY_REVOKED');
  });

  test('a promotion does not add permissions to existing keys', async () => {
    const { userId, key } = await person('Viewer');
    await call('PUT', `/${userId}`, { roleId: await roleId('admin') });
    const { body } = await service.call('GET', '/api/v2/me', { as: key });
    expect(body.data.result.caller.permissions).toHaveLength(29);
  });

  test('suspends and reactivates: meanwhile the keys are disabled, none is created, and keys of others still work', async () => {
    const { userId, key } = await person('Member');
    const { body } = await call('PUT', `/${userId}`, { status: 'suspended' });
    expect(body.data.result.member.status).toBe('suspended');
    expect(await check(key)).toBe('KEY_DISABLED');
    expect(await check(service.owner.secret)).toBe('VALID');
    const create = { as: service.owner.secret, body: { name: 'x', userId } };
    await expectRefused(await service.call('POST', '/api/v2/api-keys', create), 404, 'USER_NOT_FOUND');
    await call('PUT', `/${userId}`, { status: 'active' });
    expect(await check(key)).toBe('VALID');
  });

  test('403 for a role beyond the caller, also for a reactivation', async () => {
    const { userId } = await person('Admin');
    const permissions = ['members:role-change', 'members:remove', 'calls:read'];
    const { key } = await service.createKey({ permissions });
    const change = { roleId: await roleId('viewer') };
    await expectRefused(await call('PUT', `/${userId}`, change, key), 403, 'PERMISSION_ESCALATION');
    expect((await call('PUT', `/${userId}`, { status: 'suspended' }, key)).status).toBe(200);
    const back = await call('PUT', `/${userId}`, { status: 'active' }, key);
    await expectRefused(back, 403, 'PERMISSION_ESCALATION');
  });

  test('403 for suspension without members:remove', async () => {
    const { userId } = await person('Viewer');
    const { key } = await service.createKey({ permissions: ['members:role-change'] });
    const answer = await call('PUT', `/${userId}`, { status: 'suspended' }, key);
    await expectRefused(answer, 403, 'PERMISSION_DENIED');
  });

  test('only owners act on owners, and only owners make owners', async () => {
    const admin = await person('Admin');
    const viewer = await person('Viewer');
    const change = { roleId: await roleId('viewer') };
    const onOwner = await call('PUT', `/${service.owner.userId}`, change, admin.key);
    await expectRefused(onOwner, 403, 'PERMISSION_DENIED');
    const toOwner = await call('PUT', `/${viewer.userId}`, { roleId: await roleId('owner') }, admin.key);
    await expectRefused(toOwner, 403, 'PERMISSION_ESCALATION');
    expect((await call('PUT', `/${viewer.userId}`, { roleId: await roleId('owner') })).status).toBe(200);
  });

  test('409 LAST_OWNER for demoting or suspending the last one, and nothing changes', async () => {
    for (const change of [{ roleId: await roleId('admin') }, { status: 'suspended' }])
      await expectRefused(await call('PUT', `/${service.owner.userId}`, change), 409, 'LAST_OWNER');
    expect(await check(service.owner.secret)).toBe('VALID');
    const second = await service.addMember('Owner');
    await call('PUT', `/${second}`, { status: 'suspended' });
    const answer = await call('PUT', `/${service.owner.userId}`, { roleId: await roleId('admin') });
    await expectRefused(answer, 409, 'LAST_OWNER');
  });

  test('404 for a role of another workspace, as for an unknown one', async () => {
    const { userId } = await person('Viewer');
    const { workspaceId } = await service.addWorkspace();
    const foreign = await service.storage.roles.findByName(workspaceId, 'viewer');
    for (const id of [foreign?.id, 'role_unknown'])
      await expectRefused(await call('PUT', `/${userId}`, { roleId: id }), 404, 'NOT_FOUND');
  });
});

describe('DELETE …/members/{userId}', () => {
  test('removes the member and all keys that they own; keys that they created for others stay', async () => {
    const { userId, key, keyId } = await person('Admin');
    const made = await service.createKey({ name: 'made for the owner' }, key);
    const { body } = await call('DELETE', `/${userId}`);
    expect(body.data.result).toMatchObject({ member: { userId }, revokedKeys: 1 });
    expect(await check(key)).toBe('KEY_REVOKED');
    expect(await check(made.key)).toBe('VALID');
    const shown = await service.call('GET', `/api/v2/api-keys/${keyId}`, { as: service.owner.secret });
    expect(shown.body.data.result.apiKey.revokedReason).toBe('OWNER_REMOVED');
    await expectRefused(await call('DELETE', `/${userId}`), 404, 'NOT_FOUND');
  });

  test('403 for removing an owner as another role; 409 LAST_OWNER for the last owner', async () => {
    const { key } = await person('Admin');
    const byAdmin = await call('DELETE', `/${service.owner.userId}`, undefined, key);
    await expectRefused(byAdmin, 403, 'PERMISSION_DENIED');
    await expectRefused(await call('DELETE', `/${service.owner.userId}`), 409, 'LAST_OWNER');
    await service.addMember('Owner');
    expect((await call('DELETE', `/${service.owner.userId}`)).status).toBe(200);
    expect(await check(service.owner.secret)).toBe('KEY_REVOKED');
  });
});
