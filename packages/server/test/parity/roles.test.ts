import { PERMISSIONS, SYSTEM_ROLES } from '@latchkey/contract';
import { expect, test } from 'vitest';
import { startTestService } from '../harness/test-service.ts';

const { Owner, Admin, Member, Viewer } = SYSTEM_ROLES;
const lacks = (role: typeof Owner, other: typeof Owner): string[] =>
  other.permissions.filter((permission) => !role.permissions.includes(permission));

test('the system roles have the permissions that their descriptions name', () => {
  expect(Owner.permissions).toEqual(PERMISSIONS);
  expect(lacks(Admin, Owner)).toEqual(['billing:manage', 'workspace:delete']);
  expect(lacks(Member, Admin)).toEqual([
    'api-keys:manage-others',
    'members:invite',
    'members:remove',
    'members:role-change',
    'members:mfa-reset',
    'roles:write',
    'roles:delete',
    'workspace:settings-write',
  ]);
  expect(Viewer.permissions).toHaveLength(29);
  const actions = new Set(Viewer.permissions.map((permission) => permission.split(':')[1]));
  expect([...actions].sort()).toEqual([
    'abbreviations-read',
    'cdr-read',
    'logs-read',
    'metrics-read',
    'read',
  ]);
  expect(lacks(Member, Viewer)).toEqual([]);
});

test('a workspace begins with them, in their order', async () => {
  const service = await startTestService();
  const url = `/api/v2/workspaces/${service.owner.workspaceId}/roles`;
  const { body } = await service.call('GET', url, { as: service.owner.secret });
  const roles = body.data.result.roles as { name: string; permissions: string[] }[];
  expect(roles.map(({ name, permissions }) => [name, permissions])).toEqual(
    Object.entries(SYSTEM_ROLES).map(([name, { permissions }]) => [name, permissions]),
  );
  await service.close();
});
