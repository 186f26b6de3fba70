import { SYSTEM_ROLES } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AccountClaims, WORKSPACE_CLAIM } from '../../../test/harness/identity-provider.ts';
import {
  ADA,
  type IdentityService,
  outcomeOf,
  startIdentityService,
} from '../../../test/harness/identity-service.ts';

const DENIED = [403, 'MEMBERSHIP_REQUIRED'];

let service: IdentityService;

beforeEach(async () => {
  service = await startIdentityService();
});
afterEach(() => service.close());

describe('the member of a token', () => {
  test.each([
    ['not verified', { email: ADA, email_verified: false }],
    ['denied by a string', { email: ADA, email_verified: 'false' }],
    ['confirmed by another string', { email: ADA, email_verified: 'yes' }],
    ['without email_verified', { email: ADA }],
    ['missing', { email_verified: true }],
  ])('an address that is %s matches no member', async (_name, claims: AccountClaims) => {
    await service.invite();
    service.idp.accounts.set('ada', claims);
    expect(await service.ask()).toEqual(DENIED);
  });

  test('an address does not match one that is equal only by case folding beyond ASCII', async () => {
    await service.invite('kim@example.com');
    const email = '\u212Aim@example.com';
    expect(email.toLowerCase()).toBe('kim@example.com');
    expect(await service.ask('kim', { email, email_verified: true })).toEqual(DENIED);
  });

  test('an unknown address is denied, with advice', async () => {
    const answer = await service.me(await service.idp.tokenFor('ada'));
    expect(outcomeOf(answer)).toEqual(DENIED);
    expect(answer.body.data.message).toContain('not a member of a workspace here: ask for an invitation');
  });

  test('a suspended member is denied until they are active again, a removed one permanently', async () => {
    const userId = await service.invite();
    expect(await service.ask()).toEqual([200, 'ok']);
    const { workspaceId, secret: as } = service.owner;
    const url = `/api/v2/workspaces/${workspaceId}/members/${userId}`;
    await service.call('PUT', url, { as, body: { status: 'suspended' } });
    expect(await service.ask()).toEqual(DENIED);
    await service.call('PUT', url, { as, body: { status: 'active' } });
    expect(await service.ask()).toEqual([200, 'ok']);
    await service.call('DELETE', url, { as });
    expect(await service.ask()).toEqual(DENIED);
  });

  test('of several workspaces the one that the token names is used, else the default, and no other', async () => {
    const other = await service.addWorkspace();
    const userId = await service.invite();
    expect(await service.ask()).toEqual([200, 'ok']);
    const elsewhere = await service.invite(ADA, 'Member', other);
    service.clock.advance(1);
    await service.join(elsewhere);
    for (const [named, workspaceId, id] of [
      [undefined, service.owner.workspaceId, userId],
      [other.workspaceId, other.workspaceId, elsewhere],
      [service.owner.workspaceId, service.owner.workspaceId, userId],
    ]) {
      const token = await service.idp.forge('ada', { claims: { [WORKSPACE_CLAIM]: named } });
      const { caller } = (await service.me(token)).body.data.result;
      expect(caller).toMatchObject({ userId: id, workspaceId });
    }
    const third = await service.addWorkspace();
    for (const foreign of [third.workspaceId, 'ws_unknown'])
      expect(await service.ask('ada', { [WORKSPACE_CLAIM]: foreign })).toEqual(DENIED);
  });

  test('in a workspace that is not the operator’s, an equal address matches no member until its owner joins', async () => {
    const other = await service.addWorkspace();
    const elsewhere = await service.invite(ADA, 'Member', other);
    expect(await service.ask()).toEqual(DENIED);
    expect(await service.ask('ada', { [WORKSPACE_CLAIM]: other.workspaceId })).toEqual(DENIED);
    await service.join(elsewhere);
    expect(await service.ask()).toEqual([200, 'ok']);
  });

  test('a deleted workspace does not count, and is denied when the token names it', async () => {
    await service.invite();
    const other = await service.addWorkspace();
    await service.ask();
    await service.join(await service.invite(ADA, 'Member', other));
    await service.call('DELETE', `/api/v2/workspaces/${other.workspaceId}`, { as: other.secret });
    expect(await service.ask()).toEqual([200, 'ok']);
    expect(await service.ask('ada', { [WORKSPACE_CLAIM]: other.workspaceId })).toEqual(DENIED);
  });
});

describe('an account with a linked identity', () => {
  test('keeps its member when its address changes, also to the address of another member', async () => {
    const ada = await service.invite();
    await service.invite('bob@example.com', 'Member');
    await service.me(await service.idp.tokenFor('ada'));
    for (const email of ['new@example.com', 'bob@example.com', 'owner@example.com']) {
      service.idp.accounts.set('ada', { email, email_verified: true });
      expect((await service.me(await service.idp.tokenFor('ada'))).body.data.result.caller.userId).toBe(ada);
    }
    service.idp.accounts.set('ada', {});
    expect((await service.me(await service.idp.tokenFor('ada'))).body.data.result.caller.userId).toBe(ada);
  });

  test('blocks another account with its address, until its member is removed and invited again', async () => {
    await service.invite();
    await service.me(await service.idp.tokenFor('ada'));
    service.idp.accounts.set('ada-2', { email: ADA, email_verified: true });
    const denied = await service.me(await service.idp.tokenFor('ada-2'));
    expect(outcomeOf(denied)).toEqual(DENIED);
    expect(denied.body.data.message).toContain('linked to another account');

    const { workspaceId, secret: as } = service.owner;
    const member = await service.storage.members.findPerson(service.owner.workspaceId, ADA);
    await service.call('DELETE', `/api/v2/workspaces/${workspaceId}/members/${member?.id}`, { as });
    service.clock.advance(1_000);
    await service.invite();
    expect(outcomeOf(await service.me(await service.idp.tokenFor('ada-2')))).toEqual([200, 'ok']);
    expect(outcomeOf(await service.me(await service.idp.tokenFor('ada')))).toEqual(DENIED);
  });

  test('whose member was removed matches no other member, whatever address it gets', async () => {
    const ada = await service.invite();
    await service.ask();
    const { workspaceId, secret: as } = service.owner;
    await service.call('DELETE', `/api/v2/workspaces/${workspaceId}/members/${ada}`, { as });
    await service.invite('bob@example.com');
    expect(await service.ask('ada', { email: 'bob@example.com' })).toEqual(DENIED);
    expect(await service.ask('bob', { email: 'bob@example.com', email_verified: true })).toEqual([200, 'ok']);
  });

  test('is recorded once, also for concurrent first calls', async () => {
    await service.invite();
    const token = await service.idp.tokenFor('ada');
    const answers = await Promise.all(Array.from({ length: 20 }, () => service.me(token)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await service.events()).filter((type) => type === 'member.identity-linked')).toHaveLength(1);
  });
});

describe('with provisioning', () => {
  beforeEach(async () => {
    await service.close();
    service = await startIdentityService('Member');
  });

  test('a new identity with a verified address becomes a member at its first call, with one audit entry', async () => {
    service.idp.accounts.set('ada', { email: ADA, email_verified: true, name: 'Ada Lovelace' });
    const before = (await service.events()).length;
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => service.idp.tokenFor('ada').then(service.me)),
    );
    const callers = answers.map(({ body }) => body.data.result.caller);
    expect(new Set(callers.map(({ userId }) => userId)).size).toBe(1);
    expect(callers[0]).toMatchObject({
      workspaceId: service.owner.workspaceId,
      permissions: SYSTEM_ROLES.Member.permissions,
    });
    expect((await service.events()).slice(before)).toEqual(['member.added']);
    const person = await service.storage.members.findPerson(service.owner.workspaceId, ADA);
    expect(person).toEqual({ id: callers[0].userId, email: ADA, displayName: 'Ada Lovelace' });
  });

  test('a new identity without a verified address, or for another workspace, does not become a member', async () => {
    const before = (await service.events()).length;
    expect(await service.ask('ada', { email_verified: false })).toEqual(DENIED);
    const other = await service.addWorkspace();
    expect(await service.ask('ada', { [WORKSPACE_CLAIM]: other.workspaceId })).toEqual(DENIED);
    expect(await service.storage.members.findPerson(service.owner.workspaceId, ADA)).toBeNull();
    expect(await service.events()).toHaveLength(before);
  });

  test('an existing member keeps their role', async () => {
    await service.invite(ADA, 'Viewer');
    const { caller } = (await service.me(await service.idp.tokenFor('ada'))).body.data.result;
    expect(caller.permissions).toEqual(SYSTEM_ROLES.Viewer.permissions);
  });

  test('a removed member does not become a member again, also not with another address', async () => {
    await service.ask('ada');
    const person = await service.storage.members.findPerson(service.owner.workspaceId, ADA);
    const url = `/api/v2/workspaces/${service.owner.workspaceId}/members/${person?.id}`;
    await service.call('DELETE', url, { as: service.owner.secret });
    expect(await service.ask('ada')).toEqual(DENIED);
    service.idp.accounts.set('ada', { email: 'new@example.com', email_verified: true });
    expect(await service.ask('ada')).toEqual(DENIED);
    service.idp.accounts.set('ada-2', { email: ADA, email_verified: true });
    expect(await service.ask('ada-2')).toEqual(DENIED);
  });
});
