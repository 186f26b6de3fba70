import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type IdentityService, startIdentityService } from '../../../test/harness/identity-service.ts';
import {
  type Answer,
  type CallOptions,
  startTestService,
  type TestService,
} from '../../../test/harness/test-service.ts';
import { openSession } from '../../domain/sessions/open-session.ts';
import { NO_CLIENT } from '../../domain/shared/caller.ts';
import type { Mailer } from '../../domain/shared/mail.ts';

const API = '/api/v2';

let service: TestService;

/** A call that would end the last active key that can manage keys. */
interface Ending extends Omit<CallOptions, 'body'> {
  readonly method: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

async function send({ method, path, body, ...options }: Ending, force = false): Promise<Answer> {
  return service.call(method, API + path, { ...options, body: { ...body, ...(force && { force }) } });
}

/** The error code of the call or, in a bulk call, of its one item; 'done' if it succeeded. */
function outcomeOf({ status, body }: Answer): string {
  const { error, result } = body.data;
  return error?.code ?? result.errors?.[0]?.code ?? (status === 200 ? 'done' : String(status));
}

async function ownKeyId(as = service.owner.secret): Promise<string> {
  return (await service.call('GET', `${API}/me`, { as })).body.data.result.caller.keyId;
}

async function change(keyId: string, body: object, as = service.owner.secret): Promise<void> {
  expect((await service.call('PATCH', `${API}/api-keys/${keyId}`, { as, body })).status).toBe(200);
}

/** A child of the owner's key. The owner's key is then disabled, so the child is the last key that manages keys. */
async function child(): Promise<{ parentId: string; key: string; keyId: string }> {
  const parentId = await ownKeyId();
  const { key, apiKey } = await service.createKey();
  await change(parentId, { isActive: false });
  return { parentId, key, keyId: apiKey.id };
}

/** A member with a custom role, who owns the last key that manages keys. */
async function keeper() {
  const { workspaceId, secret: as } = service.owner;
  const roles = `/workspaces/${workspaceId}/roles`;
  const permissions = ['api-keys:read', 'api-keys:write'];
  const made = await service.call('POST', API + roles, { as, body: { name: 'Keeper', permissions } });
  const roleId = made.body.data.result.role.id;
  const userId = await service.addMember('Keeper');
  const { key, apiKey } = await service.createKey({ userId });
  const session = await service.signIn();
  await change(await ownKeyId(), { isActive: false });
  const member = `/workspaces/${workspaceId}/members/${userId}`;
  return { session, userId, key, keyId: apiKey.id, member, role: `${roles}/${roleId}` };
}

async function viewerRoleId(): Promise<string> {
  return (await service.storage.roles.findByName(service.owner.workspaceId, 'viewer'))?.id ?? '';
}

const WAYS: Readonly<Record<string, () => Promise<Ending>>> = {
  async 'disabling it'() {
    const path = `/api-keys/${await ownKeyId()}`;
    return { method: 'PATCH', path, body: { isActive: false }, as: service.owner.secret };
  },
  async 'giving it an end'() {
    const path = `/api-keys/${await ownKeyId()}`;
    return { method: 'PATCH', path, body: { expiresAt: '2027-01-01' }, as: service.owner.secret };
  },
  async 'disabling it among many'() {
    const apiKeys = [{ id: await ownKeyId(), isActive: false }];
    return { method: 'PUT', path: '/api-keys', body: { apiKeys }, as: service.owner.secret };
  },
  async 'revoking it'() {
    return { method: 'DELETE', path: `/api-keys/${await ownKeyId()}`, body: {}, as: service.owner.secret };
  },
  async 'revoking it among many'() {
    const ids = [await ownKeyId()];
    return { method: 'DELETE', path: '/api-keys', body: { ids }, as: service.owner.secret };
  },
  async 'revoking its parent with cascade'() {
    const { parentId, key: as } = await child();
    return { method: 'DELETE', path: `/api-keys/${parentId}`, body: { cascade: true }, as };
  },
  async 'revoking its parent as compromised'() {
    const { parentId, key: as } = await child();
    return { method: 'DELETE', path: `/api-keys/${parentId}`, body: { reason: 'COMPROMISED' }, as };
  },
  async 'rotating its parent with cascade'() {
    const { parentId, key: as } = await child();
    const path = `/api-keys/${parentId}/rotate`;
    return { method: 'POST', path, body: { overlapSeconds: 0, cascade: true }, as };
  },
  async 'suspending its owner'() {
    const { session, member: path } = await keeper();
    return { method: 'PUT', path, body: { status: 'suspended' }, session };
  },
  async 'removing its owner'() {
    const { session, member: path } = await keeper();
    return { method: 'DELETE', path, body: {}, session };
  },
  async 'another role for its owner that revokes what exceeds it'() {
    const { session, member: path } = await keeper();
    return { method: 'PUT', path, body: { roleId: await viewerRoleId(), revokeExceeding: true }, session };
  },
  async 'narrowing the role of its owner and revoking what exceeds it'() {
    const { session, role: path } = await keeper();
    return { method: 'PUT', path, body: { permissions: ['api-keys:read'], revokeExceeding: true }, session };
  },
  async 'narrowing the role of its owner in a capped workspace'() {
    const { session, role: path } = await keeper();
    const body = { permissionMode: 'capped' };
    expect((await service.call('PUT', `${API}/workspaces`, { session, body })).status).toBe(200);
    return { method: 'PUT', path, body: { permissions: ['api-keys:read'] }, session };
  },
  async 'capping the workspace where the role of its owner was narrowed'() {
    const { session, role } = await keeper();
    const body = { permissions: ['api-keys:read'] };
    expect((await service.call('PUT', API + role, { session, body })).status).toBe(200);
    return { method: 'PUT', path: '/workspaces', body: { permissionMode: 'capped' }, session };
  },
  async 'its owner leaving'() {
    const { userId } = await keeper();
    const { workspaceId } = service.owner;
    const { storage, clock, keyring } = service;
    const account = { id: 'acc_1', defaultWorkspaceId: null, createdAt: clock.now() };
    await storage.accounts.insert(account);
    await storage.members.claim(workspaceId, userId, account.id, clock.now());
    const needs = { unitOfWork: storage, keyring, clock };
    const entrant = { workspaceId, userId, accountId: account.id };
    const { token: session } = await openSession(needs, entrant, NO_CLIENT);
    return { method: 'DELETE', path: `/workspaces/${workspaceId}/members/me`, body: {}, session };
  },
};

describe('the last active key that can manage keys is ended only with force', () => {
  beforeEach(async () => {
    service = await startTestService();
  });
  afterEach(() => service.close());

  test.each(Object.entries(WAYS))('%s', async (_name, prepare) => {
    const ending = await prepare();
    const before = await service.storage.audit.head(service.owner.workspaceId);
    expect(outcomeOf(await send(ending))).toBe('LAST_MANAGING_KEY');
    expect(await service.storage.audit.head(service.owner.workspaceId)).toEqual(before);
    expect(outcomeOf(await send(ending, true))).toBe('done');
  });

  test('if another such key is active, either can be ended', async () => {
    const { apiKey } = await service.createKey();
    await change(await ownKeyId(), { expiresAt: '2027-01-01' });
    await change(await ownKeyId(), { isActive: false, name: 'n' });
    expect(apiKey.status).toBe('active');
  });

  test('an end is not denied if another such key outlives it, and is if none does', async () => {
    await service.createKey({ expiresAt: '2027-01-01' });
    const path = `/api-keys/${await ownKeyId()}`;
    const until = (expiresAt: string) =>
      send({ method: 'PATCH', path, body: { expiresAt }, as: service.owner.secret });
    expect(outcomeOf(await until('2027-01-01'))).toBe('LAST_MANAGING_KEY');
    expect(outcomeOf(await until('2026-12-31'))).toBe('done');
  });

  test('keys that cannot manage keys, or no longer can, may be ended', async () => {
    const { apiKey } = await service.createKey({ permissions: ['calls:read'] });
    await change(apiKey.id, { isActive: false });
    const session = await service.signIn();
    const path = `/api-keys/${await ownKeyId()}`;
    expect(outcomeOf(await send({ method: 'PATCH', path, body: { isActive: false }, session }, true))).toBe(
      'done',
    );
    expect(outcomeOf(await send({ method: 'DELETE', path, body: {}, session }))).toBe('done');
  });

  test('a key whose secrets have all ended does not count as remaining', async () => {
    const { apiKey } = await service.createKey();
    const { workspaceId } = service.owner;
    const { keys, ownedKeys } = service.storage;
    for (const digest of await keys.digests('', 100))
      if (await ownedKeys.calling(workspaceId, apiKey.id, digest))
        await ownedKeys.retireSecrets(workspaceId, [digest], service.clock.now());
    const path = `/api-keys/${await ownKeyId()}`;
    const ending = { method: 'PATCH', path, body: { isActive: false }, as: service.owner.secret };
    expect(outcomeOf(await send(ending))).toBe('LAST_MANAGING_KEY');
  });
});

const MAILER: Mailer = { send: async () => null };

async function disable(): Promise<string> {
  const path = `/api-keys/${await ownKeyId()}`;
  return outcomeOf(
    await send({ method: 'PATCH', path, body: { isActive: false }, as: service.owner.secret }),
  );
}

/** Claims the owner for an account that has proven the address. */
async function claimOwner(email: string): Promise<void> {
  const { storage, clock, owner } = service;
  await storage.accounts.insert({ id: 'acc_1', defaultWorkspaceId: null, createdAt: clock.now() });
  await storage.accounts.proveAddress('acc_1', email, clock.now());
  await storage.members.claim(owner.workspaceId, owner.userId, 'acc_1', clock.now());
}

describe('if the owner of an account can sign in, the last such key may be ended', () => {
  test('by a mailed link: only after the account is claimed and its address is verified', async () => {
    service = await startTestService({ mailer: MAILER });
    expect(await disable()).toBe('LAST_MANAGING_KEY');
    await claimOwner('owner@example.com');
    expect(await disable()).toBe('done');
    await service.close();
  });

  test('not by mail to an unverified address, nor if the service sends no mail', async () => {
    service = await startTestService({ mailer: MAILER });
    await claimOwner('other@example.com');
    expect(await disable()).toBe('LAST_MANAGING_KEY');
    await service.close();
    service = await startTestService();
    await claimOwner('owner@example.com');
    expect(await disable()).toBe('LAST_MANAGING_KEY');
    await service.close();
  });

  test('by the identity provider: only if their role allows creating keys', async () => {
    const identity: IdentityService = await startIdentityService();
    service = identity;
    const userId = await identity.invite();
    await identity.me(await identity.idp.tokenFor('ada'));
    expect(await disable()).toBe('LAST_MANAGING_KEY');
    const admin = await service.storage.roles.findByName(service.owner.workspaceId, 'admin');
    const path = `${API}/workspaces/${service.owner.workspaceId}/members/${userId}`;
    const body = { roleId: admin?.id };
    expect((await service.call('PUT', path, { as: service.owner.secret, body })).status).toBe(200);
    expect(await disable()).toBe('done');
    await service.close();
  });
});
