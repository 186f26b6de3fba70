import { SESSION_COOKIE, WORKSPACE_HEADER } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADA, type IdentityService, startIdentityService } from '../../../test/harness/identity-service.ts';
import type { Answer, CallOptions } from '../../../test/harness/test-service.ts';
import { openSession } from '../../domain/sessions/open-session.ts';
import { NO_CLIENT } from '../../domain/shared/caller.ts';

const API = '/api/v2';

let service: IdentityService;

beforeEach(async () => {
  service = await startIdentityService();
});
afterEach(() => service.close());

const call = (method: string, path: string, options: CallOptions) =>
  service.call(method, `${API}${path}`, options);

const code = ({ status, body }: Answer): string =>
  body.success ? String(status) : `${status} ${body.data.error.code}`;

const cookieOf = ({ headers }: Answer): string =>
  new RegExp(`^${SESSION_COOKIE}=([^;]*)`).exec(String(headers['set-cookie']))?.[1] ?? '';

const token = () => service.idp.tokenFor('ada');

const accountBy = async (options: CallOptions) =>
  (await call('GET', '/account', options)).body.data.result.account;

/** Another workspace, and Ada as a local member of it: its owner accepted the invitation with the token that they saw. */
async function adaElsewhere(role = 'Member') {
  const other = await service.addWorkspace();
  return { other, userId: await service.invite(ADA, role, other) };
}

/** Ada with a claimed member in the first workspace and one in another. */
async function adaInBoth(role?: string) {
  const home = await service.invite();
  await service.me(await token());
  service.clock.advance(1);
  const { other, userId } = await adaElsewhere(role);
  await service.join(userId);
  return { home, other, elsewhere: userId };
}

/** A session of the member; of their account, unless it proves none. */
async function sessionOf(workspaceId: string, userId: string, isOfAccount = true): Promise<string> {
  const member = await service.storage.members.find(workspaceId, userId);
  const needs = { unitOfWork: service.storage, keyring: service.keyring, clock: service.clock };
  const accountId = isOfAccount ? (member?.accountId ?? null) : null;
  return (await openSession(needs, { workspaceId, userId, accountId }, NO_CLIENT)).token;
}

describe('which credentials prove an account', () => {
  const calls = [
    ['GET', '/account', undefined],
    ['PUT', '/account/default', { workspaceId: 'ws_1' }],
    ['POST', '/account/offers/usr_1/join', undefined],
    ['POST', '/account/offers/usr_1/decline', undefined],
    ['DELETE', '/workspaces/ws_1/members/me', undefined],
    ['POST', '/sessions/current/workspace', { workspaceId: 'ws_1' }],
  ] as const;

  test.each(calls)(
    '%s %s: 403 for a key, and for a session whose sign-in link another member could have seen',
    async (method, path, body) => {
      const given = body && { body };
      expect(code(await call(method, path, { as: service.owner.secret, ...given }))).toBe(
        '403 PERMISSION_DENIED',
      );
      const session = await service.signIn();
      expect(code(await call(method, path, { session, ...given }))).toBe('403 PERMISSION_DENIED');
      expect(code(await call(method, path, { ...given }))).toBe('401 CREDENTIALS_MISSING');
      expect(code(await call(method, path, { as: 'something-else', ...given }))).toBe('401 KEY_INVALID');
    },
  );

  test('a sign-in link created on the host proves it: the first owner gets an account', async () => {
    const { createSignInLink } = await import('../../domain/sessions/create-sign-in-link.ts');
    const { operator } = await import('../../domain/shared/caller.ts');
    const { storage, keyring, clock, owner } = service;
    const needs = { unitOfWork: storage, keyring, clock };
    const link = await createSignInLink(needs, operator(storage.catalogue, owner));
    const session = cookieOf(await call('POST', '/sessions', { body: { token: link.token } }));
    expect((await accountBy({ session })).members).toMatchObject([{ userId: owner.userId, isDefault: true }]);
  });
});

describe('GET /account', () => {
  test('lists the members of the account, and offers local members with a verified address', async () => {
    const home = await service.invite();
    const { other, userId } = await adaElsewhere();
    await service.me(await token());
    const account = await accountBy({ as: await token() });
    expect(account.defaultWorkspaceId).toBe(service.owner.workspaceId);
    expect(account.members).toMatchObject([
      { userId: home, workspaceId: service.owner.workspaceId, workspaceName: 'Test', isDefault: true },
    ]);
    expect(account.offers).toMatchObject([{ id: userId, userId, workspaceId: other.workspaceId }]);
  });

  test('lists offers for an identity without a member, and creates no account', async () => {
    const { userId } = await adaElsewhere();
    expect(code(await service.me(await token()))).toBe('403 MEMBERSHIP_REQUIRED');
    const account = await accountBy({ as: await token() });
    expect(account).toMatchObject({ defaultWorkspaceId: null, members: [], offers: [{ id: userId }] });
    expect(await service.storage.identities.find(service.idp.issuer, 'ada')).toBeNull();
  });

  test('lists no offers for an address that the provider has not verified', async () => {
    await adaElsewhere();
    const as = await service.idp.forge('ada', { claims: { email_verified: false } });
    expect((await accountBy({ as })).offers).toEqual([]);
  });
});

describe('POST /account/offers/{id}/join', () => {
  test('adds the member to the account, with the same id and role, and ends earlier sessions', async () => {
    const { other, userId } = await adaElsewhere();
    const before = await sessionOf(other.workspaceId, userId);
    const answer = await call('POST', `/account/offers/${userId}/join`, { as: await token() });
    expect(answer.body.data.result.member).toMatchObject({ userId, workspaceId: other.workspaceId });
    expect(code(await call('GET', '/me', { session: before }))).toBe('401 SESSION_INVALID');
    const { caller } = (await service.me(await token())).body.data.result;
    expect(caller).toMatchObject({ userId, workspaceId: other.workspaceId });
  });

  test('404 for a member that is not offered, with the same answer for an unknown id and for another address', async () => {
    const bob = await service.invite('bob@example.com', 'Member', await service.addWorkspace());
    const texts = new Set<string>();
    for (const id of [bob, 'usr_unknown']) {
      const answer = await call('POST', `/account/offers/${id}/join`, { as: await token() });
      expect(code(answer)).toBe('404 NOT_FOUND');
      texts.add(
        JSON.stringify(answer.body)
          .replaceAll(id, 'ID')
          .replaceAll(/req_\w+/g, 'REQUEST'),
      );
    }
    expect(texts.size).toBe(1);
  });

  test('two concurrent calls: only one joins', async () => {
    const { userId } = await adaElsewhere();
    const as = await token();
    const join = () => call('POST', `/account/offers/${userId}/join`, { as });
    expect((await Promise.all([join(), join()])).map(code).sort()).toEqual(['200', '404 NOT_FOUND']);
  });
});

test('a declined offer is not listed again and cannot be joined, and its workspace is not changed', async () => {
  const { other, userId } = await adaElsewhere();
  const seen = async () =>
    JSON.stringify([
      (await call('GET', `/workspaces/${other.workspaceId}/members`, { as: other.secret })).body.data,
      (await call('GET', '/workspaces/logs', { as: other.secret })).body.data,
    ]);
  const before = await seen();
  const declined = await call('POST', `/account/offers/${userId}/decline`, { as: await token() });
  expect(declined.body.data.result.offer.id).toBe(userId);
  expect((await accountBy({ as: await token() })).offers).toEqual([]);
  expect(code(await call('POST', `/account/offers/${userId}/join`, { as: await token() }))).toBe(
    '404 NOT_FOUND',
  );
  expect(await seen()).toBe(before);
});

describe('the workspace in which a token acts', () => {
  const workspaceOf = async (options: CallOptions) =>
    (await call('GET', '/me', options)).body.data.result.caller.workspaceId;

  test('is the default of the account, which the owner of the account can change; a new membership does not', async () => {
    const { other } = await adaInBoth();
    const as = await token();
    expect(await workspaceOf({ as })).toBe(service.owner.workspaceId);
    const body = { workspaceId: other.workspaceId };
    expect(code(await call('PUT', '/account/default', { as, body }))).toBe('200');
    expect(await workspaceOf({ as })).toBe(other.workspaceId);
    const foreign = { workspaceId: (await service.addWorkspace()).workspaceId };
    expect(code(await call('PUT', '/account/default', { as, body: foreign }))).toBe('404 NOT_FOUND');
  });

  test(`is the one that ${WORKSPACE_HEADER} names, unless the claims name another`, async () => {
    const { other } = await adaInBoth();
    const headers = { [WORKSPACE_HEADER]: other.workspaceId };
    expect(await workspaceOf({ as: await token(), headers })).toBe(other.workspaceId);
    const claims = { latchkey_workspace: service.owner.workspaceId };
    const as = await service.idp.forge('ada', { claims });
    expect(code(await call('GET', '/me', { as, headers }))).toBe('403 PERMISSION_DENIED');
    const unknown = { [WORKSPACE_HEADER]: 'ws_unknown' };
    expect(code(await call('GET', '/me', { as: await token(), headers: unknown }))).toBe(
      '403 MEMBERSHIP_REQUIRED',
    );
  });

  test(`${WORKSPACE_HEADER} of another workspace: a key and a session are denied, also on the fast path`, async () => {
    const { other } = await adaInBoth();
    const headers = { [WORKSPACE_HEADER]: other.workspaceId };
    const as = service.owner.secret;
    const session = await service.signIn();
    const body = { key: as };
    expect(code(await call('GET', '/me', { as, headers }))).toBe('403 PERMISSION_DENIED');
    expect(code(await call('GET', '/me', { session, headers }))).toBe('403 PERMISSION_DENIED');
    expect(code(await call('POST', '/api-keys/verify', { as, headers, body }))).toBe('403 PERMISSION_DENIED');
    const own = { [WORKSPACE_HEADER]: service.owner.workspaceId };
    expect(code(await call('GET', '/me', { as, headers: own }))).toBe('200');
  });

  test('if its member is suspended or removed in the default workspace, it still acts in the others', async () => {
    const { home, other } = await adaInBoth();
    const as = service.owner.secret;
    const url = `/workspaces/${service.owner.workspaceId}/members/${home}`;
    await call('PUT', url, { as, body: { status: 'suspended' } });
    expect(await workspaceOf({ as: await token() })).toBe(other.workspaceId);
    await call('PUT', url, { as, body: { status: 'active' } });
    expect(await workspaceOf({ as: await token() })).toBe(service.owner.workspaceId);
    await call('DELETE', url, { as });
    expect(await workspaceOf({ as: await token() })).toBe(other.workspaceId);
  });
});

describe('POST /sessions/current/workspace', () => {
  test('replaces the session with one in the other workspace that does not end later', async () => {
    const { home, other, elsewhere } = await adaInBoth();
    const session = await sessionOf(service.owner.workspaceId, home);
    const ends = (await call('GET', '/sessions', { session })).body.data.result.sessions[0].expiresAt;
    service.clock.advance(60_000);
    const body = { workspaceId: other.workspaceId };
    const answer = await call('POST', '/sessions/current/workspace', { session, body });
    expect(answer.body.data.result.session).toMatchObject({ userId: elsewhere, expiresAt: ends });
    const next = cookieOf(answer);
    const { caller } = (await call('GET', '/me', { session: next })).body.data.result;
    expect(caller).toMatchObject({ userId: elsewhere, workspaceId: other.workspaceId });
    expect(code(await call('GET', '/me', { session }))).toBe('401 SESSION_INVALID');
    const back = { workspaceId: service.owner.workspaceId };
    expect(code(await call('POST', '/sessions/current/workspace', { session: next, body: back }))).toBe(
      '201',
    );
  });

  test('404 for a workspace in which the account is not active, and the session stays valid', async () => {
    const { home, other, elsewhere } = await adaInBoth();
    const session = await sessionOf(service.owner.workspaceId, home);
    const third = await service.addWorkspace();
    const suspend = { as: other.secret, body: { status: 'suspended' } };
    await call('PUT', `/workspaces/${other.workspaceId}/members/${elsewhere}`, suspend);
    for (const workspaceId of [third.workspaceId, 'ws_unknown', other.workspaceId]) {
      const answer = await call('POST', '/sessions/current/workspace', { session, body: { workspaceId } });
      expect(code(answer)).toBe('404 NOT_FOUND');
    }
    expect(code(await call('GET', '/me', { session }))).toBe('200');
  });

  test('409 for a token, which names its workspace by a header', async () => {
    const { other } = await adaInBoth();
    const body = { workspaceId: other.workspaceId };
    expect(code(await call('POST', '/sessions/current/workspace', { as: await token(), body }))).toBe(
      '409 CONFLICT',
    );
  });
});

describe('DELETE /workspaces/{workspaceId}/members/me', () => {
  test('leaves one workspace, even while suspended there; its keys and sessions end, and nothing else changes', async () => {
    const { home, other, elsewhere } = await adaInBoth('Member');
    const session = await sessionOf(other.workspaceId, elsewhere);
    const body = { name: 'k', userId: elsewhere };
    const { key } = (await call('POST', '/api-keys', { session, body })).body.data.result;
    const suspend = { as: other.secret, body: { status: 'suspended' } };
    await call('PUT', `/workspaces/${other.workspaceId}/members/${elsewhere}`, suspend);
    const left = await call('DELETE', `/workspaces/${other.workspaceId}/members/me`, { as: await token() });
    expect(left.body.data.result).toMatchObject({ revokedKeys: 1, member: { userId: elsewhere } });
    expect(code(await call('GET', '/me', { as: key }))).toBe('401 KEY_REVOKED');
    expect(code(await call('GET', '/me', { session }))).toBe('401 SESSION_INVALID');
    expect((await accountBy({ as: await token() })).members).toMatchObject([{ userId: home }]);
  });

  test('409 for the last owner, 404 for a workspace without a member of the account', async () => {
    await service.invite();
    const made = await call('POST', '/workspaces', { as: await token(), body: { name: 'Mine' } });
    const { id } = made.body.data.result.workspace;
    const leave = async (workspaceId: string) =>
      code(await call('DELETE', `/workspaces/${workspaceId}/members/me`, { as: await token() }));
    expect(await leave(id)).toBe('409 LAST_OWNER');
    expect(await leave((await service.addWorkspace()).workspaceId)).toBe('404 NOT_FOUND');
    expect(await leave('ws_unknown')).toBe('404 NOT_FOUND');
  });
});

describe('POST /workspaces with a credential that proves an account', () => {
  test('makes the person its owner as a member of the account, without a key, and keeps the default workspace', async () => {
    await service.invite(ADA, 'Viewer');
    await service.me(await token());
    service.clock.advance(1);
    const made = (await call('POST', '/workspaces', { as: await token(), body: { name: 'Mine' } })).body.data
      .result;
    expect(made).not.toHaveProperty('key');
    const { caller } = (await service.me(await token())).body.data.result;
    expect(caller.workspaceId).toBe(service.owner.workspaceId);
    const headers = { [WORKSPACE_HEADER]: made.workspace.id };
    const owner = (await call('GET', '/me', { as: await token(), headers })).body.data.result.caller;
    expect(owner.permissions).toContain('workspace:delete');
    const listed = await call('GET', '/workspaces', { as: await token() });
    expect(listed.body.data.result.workspaces.map(({ name }: { name: string }) => name)).toEqual([
      'Test',
      'Mine',
    ]);
  });
});

describe('accepting an invitation while signed in', () => {
  async function invitationOf(email: string) {
    const other = await service.addWorkspace();
    const role = await service.storage.roles.findByName(other.workspaceId, 'Viewer');
    const body = { email, roleId: role?.id, skipEmail: true };
    const invited = await call('POST', '/workspaces/invitations', { as: other.secret, body });
    return { other, token: invited.body.data.result.invitation.token as string };
  }

  test('adds the member to the account, regardless of the address, and keeps the default workspace', async () => {
    await service.invite();
    await service.me(await token());
    service.clock.advance(1);
    const { other, token: invitation } = await invitationOf('ada.private@example.com');
    const accepted = await call('POST', '/workspaces/invitations/accept', {
      as: await token(),
      body: { token: invitation },
    });
    const { userId } = accepted.body.data.result.member;
    expect((await accountBy({ as: await token() })).members).toHaveLength(2);
    expect((await accountBy({ session: cookieOf(accepted) })).members[1]).toMatchObject({ userId });
    const { caller } = (await service.me(await token())).body.data.result;
    expect(caller.workspaceId).toBe(service.owner.workspaceId);
    expect(other.workspaceId).not.toBe(caller.workspaceId);
  });

  test('with a key, or a session that proves no account, creates a local member', async () => {
    for (const credential of [
      { as: service.owner.secret },
      { session: await service.signIn() },
      { session: 'x' },
    ]) {
      const { other, token: invitation } = await invitationOf(ADA);
      const body = { token: invitation };
      const accepted = await call('POST', '/workspaces/invitations/accept', { ...credential, body });
      const { userId } = accepted.body.data.result.member;
      expect(await service.storage.members.find(other.workspaceId, userId)).toMatchObject({
        accountId: null,
      });
    }
  });

  test('an invalid token of the provider is denied, and the invitation stays open', async () => {
    const { token: invitation } = await invitationOf(ADA);
    const as = await service.idp.forge('ada', { claims: { aud: 'other' } });
    const body = { token: invitation };
    expect(code(await call('POST', '/workspaces/invitations/accept', { as, body }))).toBe(
      '401 TOKEN_INVALID',
    );
    expect(code(await call('POST', '/workspaces/invitations/accept', { body }))).toBe('201');
  });
});
