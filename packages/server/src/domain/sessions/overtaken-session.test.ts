import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestService, type TestService } from '../../../test/harness/test-service.ts';
import { createInvitation } from '../invitations/create-invitation.ts';
import { createKey } from '../keys/create-key.ts';
import { createRole } from '../roles/create-role.ts';
import { NO_CLIENT } from '../shared/caller.ts';
import { authenticateSession } from './authenticate-session.ts';

let service: TestService;

beforeEach(async () => {
  service = await startTestService();
});
afterEach(() => service.close());

const membersUrl = (userId: string) => `/api/v2/workspaces/${service.owner.workspaceId}/members/${userId}`;

/** Changes between the authentication of a session and the transaction of its call. */
const ENDS: Readonly<Record<string, (userId: string, session: string) => Promise<unknown>>> = {
  'was signed out': (_, session) => service.call('DELETE', '/api/v2/sessions/current', { session }),
  'was removed with its member': (userId) =>
    service.call('DELETE', membersUrl(userId), { as: service.owner.secret }),
  'was suspended with its member': (userId) =>
    service.call('PUT', membersUrl(userId), { as: service.owner.secret, body: { status: 'suspended' } }),
  'was given a smaller role': async (userId) => {
    const viewer = await service.storage.roles.findByName(service.owner.workspaceId, 'Viewer');
    const body = { roleId: viewer?.id };
    return service.call('PUT', membersUrl(userId), { as: service.owner.secret, body });
  },
};

test.each(Object.keys(ENDS))(
  'a session that %s since it was authenticated makes no key, no role and no invitation',
  async (end) => {
    const { storage, keyring, clock, owner, caps } = service;
    const { catalogue } = storage;
    const needs = { unitOfWork: storage, keyring, clock, catalogue, caps, mailer: null };
    const userId = await service.addMember('Admin');
    const session = await service.signIn(userId);
    const caller = await authenticateSession({ ...storage, keyring, clock }, session, NO_CLIENT);
    await ENDS[end]?.(userId, session);
    const entries = await storage.audit.head(owner.workspaceId);
    const viewer = await storage.roles.findByName(owner.workspaceId, 'Viewer');
    const code = end === 'was given a smaller role' ? 'PERMISSION_DENIED' : 'SESSION_INVALID';
    for (const call of [
      createKey(needs, caller, { name: 'k', userId: owner.userId }),
      createRole(needs, caller, { name: 'New', permissions: [] }),
      createInvitation(needs, caller, {
        email: 'new@example.com',
        roleId: viewer?.id ?? '',
        isMailed: false,
      }),
    ])
      await expect(call).rejects.toMatchObject({ code });
    expect(await storage.audit.head(owner.workspaceId)).toEqual(entries);
  },
);
