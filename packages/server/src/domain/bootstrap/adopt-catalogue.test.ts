import {
  BUILT_IN_CATALOGUE,
  catalogueOf,
  DEMANDED_PERMISSIONS,
  describePermission,
} from '@latchkey/contract';
import { afterEach, expect, test } from 'vitest';
import { inject } from '../../../test/harness/inject.ts';
import { startTestService, type TestService } from '../../../test/harness/test-service.ts';

const KEYS = '/api/v2/api-keys';
const of = (...names: string[]) => catalogueOf([...DEMANDED_PERMISSIONS, ...names].map(describePermission));

const FIRST = of('invoices:read', 'invoices:void');
const SECOND = of('invoices:read', 'refunds:make');

let service: TestService;

afterEach(() => service.close());

const asOwner = (method: string, url: string, body?: unknown) =>
  service.call(method, url, { as: service.owner.secret, body });

const warnings = () =>
  service.logs.filter((line) => line.includes('retired')).map((line) => JSON.parse(line));

async function rolePermissions(): Promise<Record<string, string[]>> {
  const { body } = await asOwner('GET', `/api/v2/workspaces/${service.owner.workspaceId}/roles`);
  const roles = body.data.result.roles as { name: string; permissions: string[] }[];
  return Object.fromEntries(roles.map(({ name, permissions }) => [name, permissions]));
}

test("the operator's catalogue applies to /permissions, the document, requests and the system roles", async () => {
  service = await startTestService({ catalogue: FIRST });
  const { body } = await asOwner('GET', '/api/v2/permissions');
  expect(body.data.result.permissions).toEqual(FIRST.entries);
  const document = await inject(service.app, '/openapi.json');
  expect(document.json().components.schemas.Permission.enum).toEqual(FIRST.permissions);
  expect(document.body).not.toContain('phone-numbers:read');
  const { apiKey, key } = await service.createKey({ permissions: ['invoices:void'] });
  expect(apiKey.permissions).toEqual(['invoices:void']);
  const verdict = await asOwner('POST', `${KEYS}/verify`, { key, permissions: ['invoices:void'] });
  expect(verdict.body.data.result.code).toBe('VALID');
  expect(await rolePermissions()).toEqual(
    Object.fromEntries(
      Object.entries(FIRST.systemRoles).map(([name, { permissions }]) => [name, permissions]),
    ),
  );
});

test.each([
  ['POST', KEYS, { name: 'n', userId: 'usr_x', permissions: ['calls:read'] }, 'permissions[0]'],
  ['POST', `${KEYS}/verify`, { key: 'x', permissions: ['calls:read'] }, 'permissions[0]'],
  ['GET', `${KEYS}?permission=calls:read`, undefined, 'permission'],
])('a permission that is not in the catalogue is unknown: %s %s', async (method, url, body, field) => {
  service = await startTestService({ catalogue: FIRST });
  const answer = await asOwner(method, url, body);
  expect(answer.status).toBe(400);
  expect(answer.body.data.error.details).toEqual([
    { field, message: 'must be one of the listed values, not "calls:read"' },
  ]);
});

test('a start that retires permissions logs which keys and roles hold them, once, and writes an audit entry', async () => {
  service = await startTestService({ catalogue: FIRST });
  await service.createKey({ permissions: ['invoices:void'] });
  service = await service.restarted(SECOND);
  // The owner's first key holds it too.
  expect(warnings()).toMatchObject([
    { level: 40, lost: [{ permission: 'invoices:void', keys: 2, roles: 0 }] },
  ]);
  const url = '/api/v2/workspaces/logs?eventType=catalogue.changed';
  const log = async () => (await asOwner('GET', url)).body.data.result.logs;
  expect(await log()).toMatchObject([
    {
      actorId: null,
      metadata: { before: null, after: { added: ['refunds:make'], removed: ['invoices:void'] } },
    },
  ]);
  service = await service.restarted(SECOND);
  expect(warnings()).toHaveLength(1);
  expect(await log()).toHaveLength(1);
});

test('a retired permission works nowhere, and after its return not for keys and roles from before', async () => {
  service = await startTestService({ catalogue: FIRST });
  const roles = `/api/v2/workspaces/${service.owner.workspaceId}/roles`;
  const permissions = ['invoices:read', 'invoices:void'];
  await asOwner('POST', roles, { name: 'Clerk', permissions });
  const { apiKey, key } = await service.createKey({ permissions });
  const verify = async () =>
    (await asOwner('POST', `${KEYS}/verify`, { key, permissions: ['invoices:void'] })).body.data;
  const shown = async () =>
    (await asOwner('GET', `${KEYS}/${apiKey.id}`)).body.data.result.apiKey.permissions;

  service = await service.restarted(SECOND);
  expect((await verify()).error.code).toBe('VALIDATION_FAILED');
  expect(await shown()).toEqual(['invoices:read']);
  expect((await rolePermissions()).Clerk).toEqual(['invoices:read']);
  const change = await asOwner('PATCH', `${KEYS}/${apiKey.id}`, { name: 'still mine' });
  expect(change.status).toBe(200);

  service = await service.restarted(FIRST);
  expect((await verify()).result).toMatchObject({ code: 'PERMISSION_DENIED', missing: ['invoices:void'] });
  expect(await shown()).toEqual(['invoices:read']);
  expect((await rolePermissions()).Clerk).toEqual(['invoices:read']);
  expect((await rolePermissions()).Owner).toEqual(FIRST.permissions);
  // The owner's key was made before the permission was retired, so that it cannot give the permission to a new key.
  const above = await asOwner('POST', KEYS, { name: 'n', userId: service.owner.userId, permissions });
  expect(above.body.data.error).toMatchObject({ code: 'PERMISSION_ESCALATION' });
});

test('the replay of a call does not return a permission that was retired since', async () => {
  service = await startTestService({ catalogue: FIRST });
  const create = () =>
    service.call('POST', KEYS, {
      as: service.owner.secret,
      body: { name: 'n', userId: service.owner.userId },
      headers: { 'idempotency-key': 'once' },
    });
  const first = await create();
  expect(first.body.data.result.apiKey.permissions).toContain('invoices:void');
  service = await service.restarted(SECOND);
  const second = await create();
  expect(second.headers['idempotency-replayed']).toBe('true');
  expect(second.body.data.result.key).toBe(first.body.data.result.key);
  expect(second.body.data.result.apiKey.permissions).not.toContain('invoices:void');
});

test('a start without the setting fails and retires nothing if permissions that are not built in are in use', async () => {
  service = await startTestService({ catalogue: FIRST });
  await expect(service.restarted(BUILT_IN_CATALOGUE)).rejects.toThrow(
    /^the database uses permissions that are not built in: invoices:read, invoices:void\. Set LATCHKEY_PERMISSIONS_FILE/,
  );
  service = await service.restarted(FIRST);
  expect(warnings()).toEqual([]);
  expect((await service.createKey({ permissions: ['invoices:void'] })).apiKey.permissions).toEqual([
    'invoices:void',
  ]);
});
