import { SESSION_COOKIE } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Answer,
  PUBLIC_URL,
  startTestService,
  type TestService,
} from '../../../test/harness/test-service.ts';

const INVITATIONS = '/api/v2/workspaces/invitations';
const EMAIL = 'Ada@Example.com';
const DAY_MS = 86_400_000;

let service: TestService;

beforeEach(async () => {
  service = await startTestService();
});
afterEach(() => service.close());

const roleId = async (name: string, workspaceId = service.owner.workspaceId) =>
  (await service.storage.roles.findByName(workspaceId, name))?.id ?? '';

async function invite(body: Record<string, unknown> = {}, as = service.owner.secret): Promise<Answer> {
  const given = { email: EMAIL, roleId: await roleId('member'), ...body };
  return service.call('POST', INVITATIONS, { as, body: given });
}

async function invited(body: Record<string, unknown> = {}, as?: string) {
  const answer = await invite(body, as);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body.data.result.invitation;
}

function accept(token: string, body: Record<string, unknown> = {}): Promise<Answer> {
  return service.call('POST', `${INVITATIONS}/accept`, { body: { token, ...body } });
}

function revoke(id: string): Promise<Answer> {
  return service.call('DELETE', `${INVITATIONS}/${id}`, { as: service.owner.secret });
}

async function list(): Promise<Record<string, unknown>[]> {
  const { body } = await service.call('GET', INVITATIONS, { as: service.owner.secret });
  return body.data.result.invitations;
}

async function expectRefused(answer: Answer, status: number, code: string): Promise<void> {
  expect([answer.status, answer.body.data.error.code]).toEqual([status, code]);
}

describe('POST /workspaces/invitations', () => {
  test('400 for an address that contains a secret, since it would be stored and shown to others', async () => {
    const answer = await invite({ email: `${service.owner.secret}@example.com` });
    await expectRefused(answer, 400, 'VALIDATION_FAILED');
    expect(JSON.stringify(answer.body)).not.toContain(service.owner.secret);
  });

  test('returns the invitation with its token, once, and a warning that no e-mail is sent', async () => {
    const { headers, body } = await invite({ message: 'Come in' });
    const { invitation, emailWarning } = body.data.result;
    expect(headers.location).toBe(`${INVITATIONS}/${invitation.id}`);
    expect(emailWarning).toContain('not set up to send e-mail');
    expect(invitation).toEqual({
      id: expect.stringMatching(/^inv_/),
      workspaceId: service.owner.workspaceId,
      inviterId: service.owner.userId,
      email: EMAIL,
      roleId: await roleId('member'),
      roleName: 'Member',
      status: 'pending',
      token: expect.stringMatching(/^lk_invite_[0-9A-Za-z]{49}$/),
      acceptUrl: `${PUBLIC_URL}/invitations/accept#${invitation.token}`,
      expiresAt: '2026-11-30T09:00:00.000Z',
      createdAt: '2026-11-23T09:00:00.000Z',
      updatedAt: '2026-11-23T09:00:00.000Z',
      acceptedAt: null,
      inviterEmail: 'owner@example.com',
      inviterDisplayName: 'Olive Owner',
    });
    const { token: _, acceptUrl: __, ...rest } = invitation;
    expect(await list()).toEqual([rest]);
    expect(service.logs.join()).not.toContain(invitation.token);
  });

  test('skipEmail: no warning', async () => {
    const { body } = await invite({ skipEmail: true });
    expect(body.data.result.emailWarning).toBeNull();
  });

  test('replaces an open invitation to the same address', async () => {
    const first = await invited();
    await invited({ email: EMAIL.toUpperCase() });
    expect((await list()).map(({ status }) => status).sort()).toEqual(['pending', 'revoked']);
    await expectRefused(await accept(first.token), 409, 'CONFLICT');
  });

  test('409 for the address of a member', async () => {
    await expectRefused(await invite({ email: 'OWNER@example.com' }), 409, 'CONFLICT');
  });

  test('403 for a role beyond the caller, and for Owner by a caller who is not an owner; nothing is created', async () => {
    const { key } = await service.createKey({ permissions: ['members:invite', 'calls:read'] });
    await expectRefused(await invite({}, key), 403, 'PERMISSION_ESCALATION');
    const userId = await service.addMember('Admin');
    const admin = await service.createKey({ userId });
    const asOwner = await invite({ roleId: await roleId('owner') }, admin.key);
    await expectRefused(asOwner, 403, 'PERMISSION_ESCALATION');
    expect(await list()).toEqual([]);
  });

  test('404 for a role of another workspace, as for an unknown one', async () => {
    const { workspaceId } = await service.addWorkspace();
    for (const id of [await roleId('viewer', workspaceId), 'role_unknown'])
      await expectRefused(await invite({ roleId: id }), 404, 'NOT_FOUND');
  });

  test.each([
    ['email', { email: 'no-address' }],
    ['message', { message: 'x'.repeat(501) }],
  ])('400 naming %s', async (field, change) => {
    const answer = await invite(change);
    expect([answer.status, answer.body.data.error.details[0].field]).toEqual([400, field]);
  });
});

describe('POST /workspaces/invitations/accept', () => {
  test('adds a new person as a member with the role, once', async () => {
    const { id, token } = await invited();
    const { status, headers, body } = await accept(token, { displayName: ' Ada ' });
    const { member } = body.data.result;
    expect(status).toBe(201);
    const members = `/api/v2/workspaces/${service.owner.workspaceId}/members`;
    expect(headers.location).toBe(`${members}/${member.userId}`);
    expect(member).toMatchObject({ email: EMAIL, displayName: 'Ada', roleName: 'Member', status: 'active' });
    expect(await list()).toEqual([
      expect.objectContaining({ id, status: 'accepted', acceptedAt: '2026-11-23T09:00:00.000Z' }),
    ]);
    await expectRefused(await accept(token), 409, 'CONFLICT');
    await expectRefused(await revoke(id), 409, 'CONFLICT');
  });

  test('two concurrent calls: one succeeds', async () => {
    const { token } = await invited();
    const answers = await Promise.all([accept(token), accept(token), accept(token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });

  test('an address known in another workspace becomes a separate member here, with the name given here', async () => {
    const neighbour = await service.addWorkspace();
    const before = await service.storage.members.find(neighbour.workspaceId, neighbour.userId);
    const { token } = await invited({ email: `${neighbour.userId}@EXAMPLE.com` });
    const { member } = (await accept(token, { displayName: 'Other' })).body.data.result;
    expect(member).toMatchObject({ displayName: 'Other', email: `${neighbour.userId}@EXAMPLE.com` });
    expect(member.userId).not.toBe(neighbour.userId);
    expect(await service.storage.members.find(neighbour.workspaceId, neighbour.userId)).toEqual(before);
  });

  test('signs in the new member, with the permissions of the role and without an account', async () => {
    const { token } = await invited();
    const { headers, body } = await accept(token);
    const session = new RegExp(`^${SESSION_COOKIE}=([^;]+)`).exec(String(headers['set-cookie']))?.[1] ?? '';
    const me = await service.call('GET', '/api/v2/me', { session });
    const { userId, workspaceId } = body.data.result.member;
    expect(me.body.data.result.caller).toMatchObject({ kind: 'session', userId, workspaceId });
    await expectRefused(await service.call('GET', '/api/v2/account', { session }), 403, 'PERMISSION_DENIED');
  });

  test('403 for a call from a page of another site', async () => {
    const { token } = await invited();
    const headers = { origin: 'https://evil.example' };
    const answer = await service.call('POST', `${INVITATIONS}/accept`, { body: { token }, headers });
    await expectRefused(answer, 403, 'ORIGIN_REFUSED');
    expect((await accept(token)).status).toBe(201);
  });

  test('a member who returns has the old id and the new name', async () => {
    const first = (await accept((await invited()).token, { displayName: 'Ada' })).body.data.result.member;
    const members = `/api/v2/workspaces/${service.owner.workspaceId}/members`;
    await service.call('DELETE', `${members}/${first.userId}`, { as: service.owner.secret });
    const again = (await accept((await invited()).token, { displayName: 'Countess' })).body.data.result
      .member;
    expect(again).toMatchObject({ userId: first.userId, displayName: 'Countess' });
  });

  test('the same 404 for any text that was never a token', async () => {
    await invited();
    for (const token of ['x', `lki_${'0'.repeat(43)}`, service.owner.secret])
      await expectRefused(await accept(token), 404, 'NOT_FOUND');
  });

  test('valid for seven days, to the millisecond', async () => {
    const { token } = await invited();
    service.clock.advance(7 * DAY_MS);
    await expectRefused(await accept(token), 409, 'CONFLICT');
    expect((await list())[0]?.status).toBe('expired');
    const second = await invited();
    service.clock.advance(7 * DAY_MS - 1);
    expect((await accept(second.token)).status).toBe(201);
  });

  test('409 once it was revoked, or its role was deleted, which revokes it', async () => {
    const first = await invited();
    expect((await revoke(first.id)).body.data.result.invitation.status).toBe('revoked');
    expect((await revoke(first.id)).status).toBe(200);
    await expectRefused(await accept(first.token), 409, 'CONFLICT');
    const roles = `/api/v2/workspaces/${service.owner.workspaceId}/roles`;
    const as = service.owner.secret;
    const { body } = await service.call('POST', roles, { as, body: { name: 'R', permissions: [] } });
    const second = await invited({ roleId: body.data.result.role.id });
    await service.call('DELETE', `${roles}/${body.data.result.role.id}`, { as });
    expect((await list()).find(({ id }) => id === second.id)?.status).toBe('revoked');
    await expectRefused(await accept(second.token), 409, 'CONFLICT');
  });

  test('409 and 403 if the workspace was deleted or suspended meanwhile', async () => {
    const { token } = await invited();
    const { workspaces } = service.storage;
    const workspace = await workspaces.find(service.owner.workspaceId);
    if (!workspace) throw new Error('The workspace is there');
    await workspaces.update({ ...workspace, suspendedAt: 1 });
    await expectRefused(await accept(token), 403, 'WORKSPACE_SUSPENDED');
    await workspaces.update({ ...workspace, deletedAt: 1 });
    await expectRefused(await accept(token), 409, 'CONFLICT');
  });
});

describe('an invitation depends on its inviter', () => {
  const put = async (userId: string, body: object) => {
    const url = `/api/v2/workspaces/${service.owner.workspaceId}/members/${userId}`;
    expect((await service.call('PUT', url, { as: service.owner.secret, body })).status).toBe(200);
  };

  async function invitedByAdmin() {
    const userId = await service.addMember('Admin');
    const { key, apiKey } = await service.createKey({ userId });
    return { userId, keyId: apiKey.id as string, ...(await invited({}, key)) };
  }

  test('403 if the inviter was demoted, suspended or removed', async () => {
    const changes = [
      async (userId: string) => put(userId, { roleId: await roleId('viewer') }),
      (userId: string) => put(userId, { status: 'suspended' }),
      (userId: string) => service.storage.members.remove(service.owner.workspaceId, userId),
    ];
    for (const change of changes) {
      const { userId, token } = await invitedByAdmin();
      await change(userId);
      await expectRefused(await accept(token), 403, 'PERMISSION_ESCALATION');
      expect(await service.storage.members.findPerson(service.owner.workspaceId, EMAIL)).toBeNull();
    }
  });

  test('409 if the inviting key was revoked, even if its owner still has the permissions', async () => {
    const { keyId, token } = await invitedByAdmin();
    await service.call('DELETE', `/api/v2/api-keys/${keyId}`, { as: service.owner.secret });
    await expectRefused(await accept(token), 409, 'CONFLICT');
  });

  test('403 if the role now has permissions that the inviter lacks', async () => {
    const roles = `/api/v2/workspaces/${service.owner.workspaceId}/roles`;
    const as = service.owner.secret;
    const { body } = await service.call('POST', roles, { as, body: { name: 'R', permissions: [] } });
    const { id } = body.data.result.role;
    const userId = await service.addMember('Admin');
    const { key } = await service.createKey({ userId });
    const { token } = await invited({ roleId: id }, key);
    await service.call('PUT', `${roles}/${id}`, { as, body: { permissions: ['billing:manage'] } });
    await expectRefused(await accept(token), 403, 'PERMISSION_ESCALATION');
  });
});

describe('POST /workspaces/invitations/{id}/resend', () => {
  const resend = (id: string, options: { as?: string; headers?: Record<string, string> } = {}) =>
    service.call('POST', `${INVITATIONS}/${id}/resend`, { as: service.owner.secret, ...options });

  test('replaces the invitation by a new one with its address, role and message, for 7 days from now', async () => {
    const before = await invited({ message: 'Come in' });
    service.clock.advance(DAY_MS);
    const { status, headers, body } = await resend(before.id);
    expect(status).toBe(201);
    const { invitation, emailWarning } = body.data.result;
    expect(headers.location).toBe(`${INVITATIONS}/${invitation.id}`);
    expect(emailWarning).toContain('not set up to send e-mail');
    const { email, roleId: role, inviterId } = before;
    expect(invitation).toMatchObject({ email, roleId: role, inviterId, status: 'pending' });
    expect(invitation.expiresAt).toBe(new Date(service.clock.now() + 7 * DAY_MS).toISOString());
    await expectRefused(await accept(before.token), 409, 'CONFLICT');
    expect((await accept(invitation.token)).status).toBe(201);
    expect((await list()).map((each) => each.status).sort()).toEqual(['accepted', 'revoked']);
  });

  test('an expired invitation can be sent again; an accepted, revoked or replaced one cannot', async () => {
    const expired = await invited();
    service.clock.advance(7 * DAY_MS);
    const { invitation } = (await resend(expired.id)).body.data.result;
    expect(invitation.status).toBe('pending');
    const next = (await resend(invitation.id)).body.data.result.invitation;
    await expectRefused(await resend(invitation.id), 409, 'CONFLICT');
    await accept(next.token);
    await expectRefused(await resend(next.id), 409, 'CONFLICT');
    const revoked = await invited({ email: 'eve@example.com' });
    await revoke(revoked.id);
    await expectRefused(await resend(revoked.id), 409, 'CONFLICT');
    await expectRefused(await resend('inv_unknown'), 404, 'NOT_FOUND');
  });

  test('with the same Idempotency-Key, it is sent once', async () => {
    const { id } = await invited();
    const headers = { 'idempotency-key': 'again' };
    const first = await resend(id, { headers });
    const second = await resend(id, { headers });
    expect(second.status).toBe(201);
    expect(second.body.data.result.invitation).toEqual(first.body.data.result.invitation);
    expect(await list()).toHaveLength(2);
  });

  test('the caller must be able to give the role', async () => {
    const { id } = await invited({ roleId: await roleId('admin') });
    const { key } = await service.createKey({ permissions: ['members:invite'] });
    await expectRefused(await resend(id, { as: key }), 403, 'PERMISSION_ESCALATION');
    expect(await list()).toMatchObject([{ id, status: 'pending' }]);
  });
});
