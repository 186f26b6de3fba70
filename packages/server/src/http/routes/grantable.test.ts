import { PERMISSIONS, type Permission } from '@latchkey/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, startTestService, type TestService } from '../../../test/harness/test-service.ts';

interface Entry {
  readonly id: Permission;
  readonly grantable: boolean;
  readonly notHeldBy: string | null;
}

let service: TestService;
let memberId: string;

beforeAll(async () => {
  service = await startTestService();
  memberId = await service.addMember('Viewer');
});
afterAll(() => service.close());

function grantable(as: string, userId?: string): Promise<Answer> {
  const query = userId === undefined ? '' : `?userId=${userId}`;
  return service.call('GET', `/api/v2/permissions/grantable${query}`, { as });
}

async function reasons(as: string, userId?: string): Promise<Map<Permission, string | null>> {
  const { body } = await grantable(as, userId);
  const entries: Entry[] = body.data.result.grantable.permissions;
  expect(entries.map(({ id }) => id)).toEqual(PERMISSIONS);
  for (const { grantable, notHeldBy } of entries) expect(grantable).toBe(notHeldBy === null);
  return new Map(entries.map(({ id, notHeldBy }) => [id, notHeldBy]));
}

test('names who lacks each permission: the caller, the owner, or both', async () => {
  const permissions = ['api-keys:write', 'api-keys:manage-others', 'calls:read', 'calls:write'];
  const { key } = await service.createKey({ permissions });
  const found = await reasons(key, memberId);
  expect(found.get('calls:read')).toBeNull();
  expect(found.get('calls:write')).toBe('owner');
  expect(found.get('agents:read')).toBe('caller');
  expect(found.get('agents:write')).toBe('both');
});

test('the caller is the owner by default; the answer names both with their roles', async () => {
  const { body } = await grantable(service.owner.secret);
  const { caller, owner, permissions } = body.data.result.grantable;
  const user = { userId: service.owner.userId, displayName: 'Olive Owner', roleName: 'Owner' };
  expect(caller).toEqual({ kind: 'key', ...user });
  expect(owner).toEqual(user);
  expect(permissions.every((entry: Entry) => entry.grantable)).toBe(true);
});

test('POST /api-keys gives exactly the permissions that are grantable', async () => {
  const permissions = [
    'api-keys:write',
    'api-keys:manage-others',
    'calls:read',
    'calls:write',
    'agents:read',
  ];
  const { key } = await service.createKey({ permissions });
  for (const [permission, reason] of await reasons(key, memberId)) {
    const body = { name: 'k', userId: memberId, permissions: [permission] };
    const { status } = await service.call('POST', '/api/v2/api-keys', { as: key, body });
    expect([permission, status]).toEqual([permission, reason === null ? 201 : 403]);
  }
});

test('another user needs api-keys:manage-others, whether or not that user exists', async () => {
  const { key } = await service.createKey({ permissions: ['api-keys:write'] });
  for (const userId of [memberId, 'usr_unknown']) {
    const { status, body } = await grantable(key, userId);
    expect([status, body.data.error.details[0].field]).toEqual([403, 'api-keys:manage-others']);
  }
});

test('404 for a user who is not an active member, and 400 for an empty id', async () => {
  const suspended = await service.addMember('Viewer');
  const path = `/api/v2/workspaces/${service.owner.workspaceId}/members/${suspended}`;
  await service.call('PUT', path, { as: service.owner.secret, body: { status: 'suspended' } });
  const stranger = (await service.addWorkspace()).userId;
  for (const userId of [suspended, stranger, 'usr_unknown']) {
    const { status, body } = await grantable(service.owner.secret, userId);
    expect([status, body.data.error.code]).toEqual([404, 'USER_NOT_FOUND']);
  }
  expect((await grantable(service.owner.secret, '')).status).toBe(400);
});
