import { SESSION_COOKIE } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Answer,
  type CallOptions,
  startTestService,
  type TestService,
} from '../../../test/harness/test-service.ts';

const KEYS = '/api/v2/api-keys';
const LINKS = '/api/v2/sign-in-links';
const SESSIONS = '/api/v2/sessions';
const WORKSPACES = '/api/v2/workspaces';
const INVITATIONS = `${WORKSPACES}/invitations`;
const DAY_MS = 86_400_000;

let service: TestService;

beforeEach(async () => {
  service = await startTestService();
});
afterEach(() => service.close());

const post = (url: string, options: CallOptions = {}) => service.call('POST', url, options);

function code({ status, body }: Answer): string {
  return body.success ? String(status) : `${status} ${body.data.error.code}`;
}

/** The result of a call. Fails if the call does not succeed. */
async function result(answer: Promise<Answer>): Promise<Answer['body']> {
  const { body, status } = await answer;
  expect(body.success, `${status} ${JSON.stringify(body)}`).toBe(true);
  return body.data.result;
}

type Credential = Pick<CallOptions, 'as' | 'session'>;

const owner = (): Credential => ({ as: service.owner.secret });

async function makeKey(by: Credential, body: Record<string, unknown> = {}) {
  return result(post(KEYS, { ...by, body: { name: 'k', userId: service.owner.userId, ...body } }));
}

/** The token of a link that `by` creates. */
async function link(by: Credential, userId?: string): Promise<string> {
  const options = userId === undefined ? by : { ...by, body: { userId } };
  const { signInLink } = await result(post(LINKS, options));
  return new URL(signInLink.url).hash.slice(1);
}

async function open(token: string): Promise<Credential> {
  const { headers } = await post(SESSIONS, { body: { token } });
  const session = new RegExp(`^${SESSION_COOKIE}=([^;]+)`).exec(String(headers['set-cookie']))?.[1];
  return { session: session ?? '' };
}

async function roleId(name: string): Promise<string> {
  const role = await service.storage.roles.findByName(service.owner.workspaceId, name);
  return role?.id ?? '';
}

async function invite(by: Credential, email: string, role = 'Admin'): Promise<Answer['body']> {
  const body = { email, roleId: await roleId(role), skipEmail: true };
  return (await result(post(INVITATIONS, { ...by, body }))).invitation;
}

const accept = (token: string) => post(`${INVITATIONS}/accept`, { body: { token } });
const me = async (by: Credential) => code(await service.call('GET', '/api/v2/me', by));
const revoke = (id: string, body: unknown, by: Credential = owner()) =>
  service.call('DELETE', `${KEYS}/${id}`, { ...by, body });
const rotate = (id: string, body: unknown, by: Credential = owner(), headers = {}) =>
  post(`${KEYS}/${id}/rotate`, { ...by, body, headers });
const ids = (ended: readonly { kind: string; id: string }[]) =>
  ended.map(({ kind, id }) => `${kind} ${id}`).sort();

async function lastEntry(eventType: string): Promise<Answer['body']> {
  const { logs } = await result(
    service.call('GET', `${WORKSPACES}/logs?limit=1&eventType=${eventType}`, owner()),
  );
  return logs[0];
}

/** A member with a key that holds all permissions of their role. */
async function memberWithKey(role: string): Promise<{ userId: string; as: string; keyId: string }> {
  const userId = await service.addMember(role);
  const { apiKey, key } = await makeKey(owner(), { userId });
  return { userId, as: key, keyId: apiKey.id };
}

describe('a sign-in link for another member', () => {
  test('names the member whom it signs in, and starts a session of that member', async () => {
    const userId = await service.addMember('Viewer');
    const { signInLink } = await result(post(LINKS, { ...owner(), body: { userId } }));
    expect(signInLink.userId).toBe(userId);
    const session = await open(new URL(signInLink.url).hash.slice(1));
    const { caller } = await result(service.call('GET', '/api/v2/me', session));
    expect(caller.userId).toBe(userId);
  });

  test('403 without members:invite, and for a member with more permissions', async () => {
    const viewer = await memberWithKey('Viewer');
    const admin = await memberWithKey('Admin');
    const body = { userId: service.owner.userId };
    expect(code(await post(LINKS, { as: viewer.as, body: { userId: admin.userId } }))).toBe(
      '403 PERMISSION_DENIED',
    );
    expect(code(await post(LINKS, { as: admin.as, body }))).toBe('403 PERMISSION_ESCALATION');
    expect(code(await post(LINKS, { as: admin.as, body: { userId: viewer.userId } }))).toBe('201');
  });

  test('the same 404 for an unknown user, a suspended member and a member of another workspace', async () => {
    const foreign = await service.addWorkspace();
    const suspended = await service.addMember('Viewer');
    await result(
      service.call('PUT', `${WORKSPACES}/${service.owner.workspaceId}/members/${suspended}`, {
        ...owner(),
        body: { status: 'suspended' },
      }),
    );
    for (const userId of ['usr_unknown', foreign.userId, suspended])
      expect(code(await post(LINKS, { ...owner(), body: { userId } }))).toBe('404 USER_NOT_FOUND');
  });

  test('a member with a session can create one for another member, but not for themselves', async () => {
    const userId = await service.addMember('Viewer');
    const session = await service.signIn();
    expect(code(await post(LINKS, { session, body: { userId } }))).toBe('201');
    expect(code(await post(LINKS, { session }))).toBe('403 PERMISSION_DENIED');
  });

  test('its session ends with the key that created the link, and is invalid while the issuer is suspended', async () => {
    const userId = await service.addMember('Viewer');
    const admin = await memberWithKey('Admin');
    const first = await open(await link(admin, userId));
    expect(await me(first)).toBe('200');
    await result(revoke(admin.keyId, {}));
    expect(await me(first)).toBe('401 SESSION_INVALID');
    const second = await open(await link({ session: await service.signIn(admin.userId) }, userId));
    expect(await me(second)).toBe('200');
    const url = `${WORKSPACES}/${service.owner.workspaceId}/members/${admin.userId}`;
    await result(service.call('PUT', url, { ...owner(), body: { status: 'suspended' } }));
    expect(await me(second)).toBe('401 SESSION_INVALID');
  });
});

describe('revoking a key as COMPROMISED', () => {
  test('ends a key that was created through a session of the key, and names it', async () => {
    const stolen = await makeKey(owner());
    const session = await open(await link({ as: stolen.key }));
    const child = await makeKey(session);
    expect(child.apiKey.createdBy.keyId).toBe(stolen.apiKey.id);
    const { ended, livingDescendants } = await result(revoke(stolen.apiKey.id, { reason: 'COMPROMISED' }));
    expect(await me({ as: child.key })).toBe('401 KEY_REVOKED');
    expect(await me(session)).toBe('401 SESSION_INVALID');
    expect(livingDescendants).toBe(0);
    const { sessions } = await result(service.call('GET', SESSIONS, owner()));
    expect(sessions).toEqual([]);
    expect(ids(ended)).toContain(`api-key ${child.apiKey.id}`);
    expect(ended.map(({ kind }: { kind: string }) => kind).sort()).toEqual(['api-key', 'session']);
    const entry = (
      await result(service.call('GET', `${WORKSPACES}/logs?search=${stolen.apiKey.id}`, owner()))
    ).logs[0];
    expect(entry.metadata.after.ended).toEqual(ended);
  });

  test('ends an open invitation of its session, and its open sign-in link', async () => {
    const stolen = await makeKey(owner());
    const session = await open(await link({ as: stolen.key }));
    const invitation = await invite(session, 'a@example.com');
    const token = await link({ as: stolen.key });
    const { ended } = await result(revoke(stolen.apiKey.id, { reason: 'COMPROMISED' }));
    expect(code(await accept(invitation.token))).toBe('409 CONFLICT');
    expect(code(await post(SESSIONS, { body: { token } }))).toBe('404 NOT_FOUND');
    expect(ended.map(({ kind }: { kind: string }) => kind).sort()).toEqual([
      'invitation',
      'session',
      'sign-in-link',
    ]);
  });

  test('suspends the member whom it invited, and revokes the keys that this member has created', async () => {
    const stolen = await makeKey(owner());
    const { token } = await invite({ as: stolen.key }, 'thief@example.com');
    const { member } = await result(accept(token));
    const session = { session: await service.signIn(member.userId) };
    const theirs = await makeKey(session, { userId: member.userId });
    const { ended } = await result(revoke(stolen.apiKey.id, { reason: 'COMPROMISED' }));
    expect(await me(session)).toBe('401 SESSION_INVALID');
    expect(await me({ as: theirs.key })).toBe('401 KEY_REVOKED');
    expect(ids(ended)).toEqual(expect.arrayContaining([`member ${member.userId}`]));
    const entry = await lastEntry('member.suspended');
    expect(entry.metadata.target.id).toBe(member.userId);
  });

  test('ends the secret that the key gave to another key by rotation, and keeps the overlap of the old secret', async () => {
    const stolen = await makeKey(owner());
    const sibling = await makeKey(owner(), { permissions: ['calls:read'] });
    const { key } = await result(rotate(sibling.apiKey.id, { overlapSeconds: 604_800 }, { as: stolen.key }));
    const { ended } = await result(revoke(stolen.apiKey.id, { reason: 'COMPROMISED' }));
    expect(await me({ as: key })).toBe('401 KEY_REVOKED');
    expect(await me({ as: sibling.key })).toBe('200');
    expect(ended).toEqual([{ kind: 'secret', id: sibling.apiKey.id }]);
    const explained = () => result(service.call('GET', `${KEYS}/${sibling.apiKey.id}/explain`, owner()));
    expect((await explained()).explanation.code).toBe('VALID');
    service.clock.advance(7 * DAY_MS);
    expect((await explained()).explanation.code).toBe('KEY_REVOKED');
  });

  test.each(['compromised', ' Compromised '])('%j is the same reason', async (reason) => {
    const stolen = await makeKey(owner());
    const child = await makeKey({ as: stolen.key });
    const { apiKey } = await result(revoke(stolen.apiKey.id, { reason }));
    expect(apiKey.revokedReason).toBe('COMPROMISED');
    expect(await me({ as: child.key })).toBe('401 KEY_REVOKED');
  });

  test('does not name or end anything of another workspace', async () => {
    const stolen = await makeKey(owner());
    const { workspace } = await result(post(WORKSPACES, { as: stolen.key, body: { name: 'Other' } }));
    const member = await service.storage.members.find(workspace.id, service.owner.userId);
    const { ended } = await result(revoke(stolen.apiKey.id, { reason: 'COMPROMISED' }));
    expect(ended).toEqual([]);
    expect(await service.storage.members.find(workspace.id, service.owner.userId)).toEqual(member);
  });

  test('the last active owner is not suspended, and loses every credential', async () => {
    const stolen = await makeKey(owner());
    const { token } = await invite({ as: stolen.key }, 'thief@example.com', 'Owner');
    const { member } = await result(accept(token));
    const session = { session: await service.signIn(member.userId) };
    const admin = await memberWithKey('Admin');
    const url = `${WORKSPACES}/${service.owner.workspaceId}/members/${service.owner.userId}`;
    await result(service.call('DELETE', url, session));
    const { ended } = await result(revoke(stolen.apiKey.id, { reason: 'COMPROMISED' }, admin));
    expect(ids(ended)).not.toContain(`member ${member.userId}`);
    expect(await me(session)).toBe('401 SESSION_INVALID');
  });
});

describe('cascade without the reason COMPROMISED', () => {
  test('keeps the keys of other users unless the caller may manage them, and returns their number', async () => {
    const viewer = await service.addMember('Viewer');
    const parent = await makeKey(owner());
    const own = await makeKey({ as: parent.key });
    const other = await makeKey({ as: parent.key }, { userId: viewer });
    const permissions = ['api-keys:read', 'api-keys:write', 'api-keys:delete'];
    const weak = await makeKey(owner(), { permissions });
    const first = await result(revoke(parent.apiKey.id, { cascade: true }, { as: weak.key }));
    expect(ids(first.ended)).toEqual([`api-key ${own.apiKey.id}`]);
    expect(first.livingDescendants).toBe(1);
    expect(await me({ as: other.key })).toBe('200');
    const second = await result(revoke(parent.apiKey.id, { cascade: true }));
    expect(ids(second.ended)).toEqual([`api-key ${other.apiKey.id}`]);
    expect(await me({ as: other.key })).toBe('401 KEY_REVOKED');
  });

  test('COMPROMISED ends them too', async () => {
    const viewer = await service.addMember('Viewer');
    const parent = await makeKey(owner());
    const other = await makeKey({ as: parent.key }, { userId: viewer });
    const weak = await makeKey(owner(), { permissions: ['api-keys:delete'] });
    await result(revoke(parent.apiKey.id, { reason: 'COMPROMISED' }, { as: weak.key }));
    expect(await me({ as: other.key })).toBe('401 KEY_REVOKED');
  });
});

describe('rotating', () => {
  test('with overlap 0 ends the sessions, links and open invitations of the old secret, and no key', async () => {
    const leaked = await makeKey(owner());
    const session = await open(await link({ as: leaked.key }));
    const child = await makeKey(session);
    const { token: invited } = await invite(session, 'a@example.com');
    const token = await link({ as: leaked.key });
    const { ended } = await result(rotate(leaked.apiKey.id, { overlapSeconds: 0 }));
    expect(await me(session)).toBe('401 SESSION_INVALID');
    expect(code(await post(SESSIONS, { body: { token } }))).toBe('404 NOT_FOUND');
    expect(code(await accept(invited))).toBe('409 CONFLICT');
    expect(await me({ as: child.key })).toBe('200');
    expect(ended.map(({ kind }: { kind: string }) => kind).sort()).toEqual([
      'invitation',
      'session',
      'sign-in-link',
    ]);
    expect((await lastEntry('api-key.rotated')).metadata.after.ended).toEqual(ended);
  });

  test('with overlap 0 and cascade also ends the keys that derive from the old secret, not the new secret', async () => {
    const leaked = await makeKey(owner());
    const child = await makeKey({ as: leaked.key });
    const { key, ended } = await result(
      rotate(leaked.apiKey.id, { overlapSeconds: 0, cascade: true }, { as: leaked.key }),
    );
    expect(ids(ended)).toEqual([`api-key ${child.apiKey.id}`]);
    expect(await me({ as: child.key })).toBe('401 KEY_REVOKED');
    expect(await me({ as: key })).toBe('200');
  });

  test('with an overlap they end together with the old secret', async () => {
    const leaked = await makeKey(owner());
    const session = await open(await link({ as: leaked.key }));
    const { token: invited } = await invite(session, 'a@example.com');
    const token = await link({ as: leaked.key });
    await result(rotate(leaked.apiKey.id, { overlapSeconds: 60 }));
    service.clock.advance(59_999);
    expect(await me(session)).toBe('200');
    service.clock.advance(1);
    expect(await me(session)).toBe('401 SESSION_INVALID');
    expect(code(await post(SESSIONS, { body: { token } }))).toBe('404 NOT_FOUND');
    expect(code(await accept(invited))).toBe('403 PERMISSION_ESCALATION');
  });

  test('400 for cascade with an overlap', async () => {
    const { apiKey } = await makeKey(owner());
    expect(code(await rotate(apiKey.id, { cascade: true }))).toBe('400 VALIDATION_FAILED');
  });

  test('404 for a repeated rotation of a key that the caller may not see', async () => {
    const userId = await service.addMember('Viewer');
    const theirs = await makeKey(owner(), { userId, permissions: ['calls:read'] });
    const once = { 'idempotency-key': 'rotate-once' };
    const { key } = await result(rotate(theirs.apiKey.id, {}, owner(), once));
    const weak = await makeKey(owner(), { permissions: ['api-keys:write', 'calls:read'] });
    const answer = await rotate(theirs.apiKey.id, {}, { as: weak.key }, once);
    expect(JSON.stringify(answer.body)).not.toContain(key);
    expect(code(answer)).toBe('404 NOT_FOUND');
  });

  test.each(['revoked', 'expired'])('409 for a repeated rotation of a key that was %s since', async (how) => {
    const { apiKey } = await makeKey(owner(), {
      expiresAt: new Date(service.clock.now() + 1_000).toISOString(),
    });
    const once = { 'idempotency-key': 'rotate-once' };
    await result(rotate(apiKey.id, {}, owner(), once));
    if (how === 'revoked') await result(revoke(apiKey.id, {}));
    else service.clock.advance(1_000);
    expect(code(await rotate(apiKey.id, {}, owner(), once))).toBe('409 CONFLICT');
  });
});

describe('a session from the sign-in link of a key', () => {
  test('may not create a workspace if the key may not', async () => {
    const viewer = await memberWithKey('Viewer');
    expect(code(await post(WORKSPACES, { as: viewer.as, body: { name: 'W' } }))).toBe(
      '403 PERMISSION_DENIED',
    );
    const session = await open(await link(viewer));
    expect(code(await post(WORKSPACES, { ...session, body: { name: 'W' } }))).toBe('403 PERMISSION_DENIED');
  });

  test('sees only the workspace of the key', async () => {
    await result(post(WORKSPACES, { session: await service.signIn(), body: { name: 'Other' } }));
    const session = await open(await link(owner()));
    const { workspaces } = await result(service.call('GET', WORKSPACES, session));
    expect(workspaces.map(({ id }: { id: string }) => id)).toEqual([service.owner.workspaceId]);
  });

  test('does not work while the key is disabled', async () => {
    const { apiKey, key } = await makeKey(owner());
    const session = await open(await link({ as: key }));
    const token = await link({ as: key });
    const patch = (isActive: boolean) =>
      service.call('PATCH', `${KEYS}/${apiKey.id}`, { ...owner(), body: { isActive } });
    await result(patch(false));
    expect(await me(session)).toBe('401 SESSION_INVALID');
    await result(patch(true));
    expect(await me(session)).toBe('200');
    expect(code(await post(SESSIONS, { body: { token } }))).toBe('201');
  });
});

describe('an invitation', () => {
  test.each([
    ['disabled', { isActive: false }],
    ['expired', { expiresAt: new Date(Date.parse('2026-11-23T09:00:00Z') + 1_000).toISOString() }],
  ])('by a key that is %s cannot be accepted', async (_how, change) => {
    const { apiKey, key } = await makeKey(owner());
    const { token } = await invite({ as: key }, 'a@example.com');
    await result(service.call('PATCH', `${KEYS}/${apiKey.id}`, { ...owner(), body: change }));
    service.clock.advance(1_000);
    expect(code(await accept(token))).toBe('403 PERMISSION_ESCALATION');
  });

  test('by a session of a key ends with the key', async () => {
    const { apiKey, key } = await makeKey(owner());
    const { token } = await invite(await open(await link({ as: key })), 'a@example.com');
    await result(revoke(apiKey.id, {}));
    expect(code(await accept(token))).toBe('409 CONFLICT');
  });

  test('of a member who left stays revoked when the member returns', async () => {
    const admin = await service.addMember('Admin');
    const { token } = await invite({ session: await service.signIn(admin) }, 'a@example.com', 'Viewer');
    const url = `${WORKSPACES}/${service.owner.workspaceId}/members/${admin}`;
    const { ended } = await result(service.call('DELETE', url, owner()));
    expect(ended.map(({ kind }: { kind: string }) => kind).sort()).toEqual(['invitation', 'session']);
    const membership = {
      workspaceId: service.owner.workspaceId,
      userId: admin,
      roleId: await roleId('Admin'),
    };
    const times = { createdAt: service.clock.now(), updatedAt: service.clock.now() };
    await service.storage.members.insert({ ...membership, status: 'active', ...times });
    expect(code(await accept(token))).toBe('409 CONFLICT');
  });
});

describe('the audit log', () => {
  test('names the open invitation and the open sign-in link that were replaced by a new one', async () => {
    const first = await invite(owner(), 'a@example.com');
    await invite(owner(), 'A@example.com');
    expect((await lastEntry('invitation.revoked')).metadata.target.id).toBe(first.id);
    const { signInLink } = await result(post(LINKS, owner()));
    await link(owner());
    expect((await lastEntry('sign-in-link.replaced')).metadata.target.id).toBe(signInLink.id);
  });

  test('names the session that acted', async () => {
    const session = await open(await link(owner()));
    const { sessions } = await result(service.call('GET', SESSIONS, session));
    await makeKey(session);
    expect((await lastEntry('api-key.created')).metadata.credential.sessionId).toBe(sessions[0].id);
  });

  test('has no entry for a call that changes no field, and the version stays the same', async () => {
    const { apiKey } = await makeKey(owner());
    const memberId = await service.addMember('Viewer');
    const { role } = await result(
      post(`${WORKSPACES}/${service.owner.workspaceId}/roles`, {
        ...owner(),
        body: { name: 'R', permissions: ['calls:read'] },
      }),
    );
    const { headers } = await service.call('GET', `${KEYS}/${apiKey.id}`, owner());
    const before = await lastEntry('role.created');
    const member = `${WORKSPACES}/${service.owner.workspaceId}/members/${memberId}`;
    const roles = `${WORKSPACES}/${service.owner.workspaceId}/roles/${role.id}`;
    const same = await service.call('PATCH', `${KEYS}/${apiKey.id}`, { ...owner(), body: { name: 'k' } });
    expect(same.headers.etag).toBe(headers.etag);
    await result(
      service.call('PUT', KEYS, { ...owner(), body: { apiKeys: [{ id: apiKey.id, isActive: true }] } }),
    );
    await result(service.call('PUT', member, { ...owner(), body: { roleId: await roleId('Viewer') } }));
    await result(service.call('PUT', roles, { ...owner(), body: { permissions: ['calls:read'] } }));
    await result(service.call('PUT', WORKSPACES, { ...owner(), body: { permissionMode: 'frozen' } }));
    const { logs } = await result(service.call('GET', `${WORKSPACES}/logs?limit=1`, owner()));
    expect(logs[0].id).toBe(before.id);
  });
});
