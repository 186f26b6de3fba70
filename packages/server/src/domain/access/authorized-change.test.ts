import type { BuiltInPermission, Permission } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTestService, type TestService } from '../../../test/harness/test-service.ts';
import { authenticateSession } from '../sessions/authenticate-session.ts';
import { openSession } from '../sessions/open-session.ts';
import { SESSION_KEPT_MS } from '../sessions/session.ts';
import { type Caller, NO_CLIENT, UNBOUNDED } from '../shared/caller.ts';
import { changeAuthorized } from './authorized-change.ts';

let service: TestService;

beforeEach(async () => {
  service = await startTestService();
});
afterEach(() => service.close());

/** The caller within a change, who was authenticated as `caller` before it. */
function present(caller: Caller, permissions: readonly BuiltInPermission[] = []): Promise<Caller> {
  const { storage: unitOfWork, clock } = service;
  return changeAuthorized({ unitOfWork, clock }, caller, permissions, async (_stores, found) => found);
}

/** A caller with a new key, authenticated now. */
async function keyCaller(body: Record<string, unknown> = {}): Promise<Caller & { readonly keyId: string }> {
  const { apiKey } = await service.createKey({ permissions: ['calls:read', 'calls:write'], ...body });
  const { workspaceId } = service.owner;
  const permissions = new Set<Permission>(apiKey.permissions);
  const who = { workspaceId, userId: apiKey.creator.id, keyId: apiKey.id } as const;
  return { kind: 'key', ...who, permissions, bounds: UNBOUNDED, client: NO_CLIENT };
}

async function giveRole(userId: string, name: string): Promise<void> {
  const { owner, storage } = service;
  const role = await storage.roles.findByName(owner.workspaceId, name);
  await change('PUT', `/workspaces/${owner.workspaceId}/members/${userId}`, { roleId: role?.id });
}

async function change(method: string, path: string, body: unknown): Promise<void> {
  const { status } = await service.call(method, `/api/v2${path}`, { as: service.owner.secret, body });
  expect(status).toBe(200);
}

describe('a person', () => {
  test('whose role was changed since acts with a weaker role, but not with a stronger one', async () => {
    const userId = await service.addMember('Admin');
    const caller = await service.session(userId);
    await giveRole(userId, 'Viewer');
    const { permissions } = await present(caller);
    expect(permissions).toEqual((await service.session(userId)).permissions);
    await giveRole(userId, 'Owner');
    expect((await present(caller)).permissions).toEqual(caller.permissions);
  });

  test('who has lost the permission that the change needs is denied', async () => {
    const userId = await service.addMember('Admin');
    const caller = await service.session(userId);
    await giveRole(userId, 'Viewer');
    await expect(present(caller, ['roles:write'])).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  test.each(['suspended', 'removed'])('who was %s since is denied', async (end) => {
    const userId = await service.addMember();
    const caller = await service.session(userId);
    const path = `/workspaces/${service.owner.workspaceId}/members/${userId}`;
    if (end === 'removed') await change('DELETE', path, {});
    else await change('PUT', path, { status: 'suspended' });
    await expect(present(caller)).rejects.toMatchObject({ code: 'SESSION_INVALID' });
    const byToken = present({ ...caller, kind: 'token' });
    await expect(byToken).rejects.toMatchObject({ code: 'MEMBERSHIP_REQUIRED' });
  });
});

/** A caller who signed in through a link that this key made, authenticated now. */
async function sessionThrough(keyId: string, userId: string): Promise<Caller> {
  const { storage, keyring, clock, owner } = service;
  const issuer = { userId, keyId, secretDigest: null };
  const entrant = { workspaceId: owner.workspaceId, userId, issuer };
  const { token } = await openSession({ unitOfWork: storage, keyring, clock }, entrant, NO_CLIENT);
  return authenticateSession({ ...storage, keyring, clock }, token, NO_CLIENT);
}

describe('a session', () => {
  test('that was opened through a key acts within the permissions and the bounds that the key has now', async () => {
    const { keyId, userId } = await keyCaller();
    const caller = await sessionThrough(keyId, userId);
    const expiresAt = service.clock.now() + 1_000;
    await change('PATCH', `/api-keys/${keyId}`, { expiresAt: new Date(expiresAt).toISOString() });
    const { permissions, bounds } = await present(caller);
    expect(permissions).toEqual(new Set(['calls:read', 'calls:write']));
    expect(bounds.expiresAt).toBe(expiresAt);
    service.clock.advance(1_000);
    await expect(present(caller)).rejects.toMatchObject({ code: 'SESSION_INVALID' });
  });

  test.each(['revoked', 'disabled', 'altered'])('whose key was %s since is denied', async (end) => {
    const { keyId, userId } = await keyCaller();
    const caller = await sessionThrough(keyId, userId);
    if (end === 'revoked') await change('DELETE', `/api-keys/${keyId}`, undefined);
    else if (end === 'disabled') await change('PATCH', `/api-keys/${keyId}`, { isActive: false });
    else await service.edit(keyId, { requests_per_day: 7 });
    await expect(present(caller)).rejects.toMatchObject({ code: 'SESSION_INVALID' });
  });

  test('that has expired since is denied', async () => {
    const { keyId, userId } = await keyCaller();
    const caller = await sessionThrough(keyId, userId);
    service.clock.advance(SESSION_KEPT_MS);
    await expect(present(caller)).rejects.toMatchObject({ code: 'SESSION_INVALID' });
  });
});

describe('a key', () => {
  test('acts with the expiry and the limits that it has now', async () => {
    const caller = await keyCaller();
    const expiresAt = service.clock.now() + 1_000;
    const rateLimit = { requestsPerMinute: 1, requestsPerDay: 2 };
    await change('PATCH', `/api-keys/${caller.keyId}`, {
      expiresAt: new Date(expiresAt).toISOString(),
      rateLimit,
    });
    expect((await present(caller)).bounds).toEqual({ expiresAt, rateLimit });
  });

  test("acts with its owner's present permissions in a capped workspace, and with its frozen set in another", async () => {
    const userId = await service.addMember();
    const caller = await keyCaller({ userId });
    await giveRole(userId, 'Viewer');
    expect((await present(caller)).permissions).toEqual(caller.permissions);
    await change('PUT', '/workspaces', { permissionMode: 'capped' });
    expect((await present(caller)).permissions).toEqual(new Set(['calls:read']));
  });

  test('works until its secret has ended, and is denied then', async () => {
    const { apiKey, key } = await service.createKey();
    const caller = { ...(await keyCaller()), keyId: apiKey.id, secretDigest: service.keyring.digest(key) };
    await change('POST', `/api-keys/${apiKey.id}/rotate`, { overlapSeconds: 60 });
    await expect(present(caller)).resolves.toBeDefined();
    await change('POST', `/api-keys/${apiKey.id}/rotate`, { overlapSeconds: 60 });
    await expect(present(caller)).rejects.toMatchObject({ code: 'KEY_REVOKED' });
  });

  test('is denied if its row was edited outside the service since, or if it does not exist', async () => {
    const caller = await keyCaller();
    await expect(present({ ...caller, keyId: 'key_unknown' })).rejects.toMatchObject({ code: 'KEY_REVOKED' });
    await service.edit(caller.keyId, { requests_per_day: 7 });
    await expect(present(caller)).rejects.toMatchObject({ code: 'KEY_REVOKED' });
  });
});
