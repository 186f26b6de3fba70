import { afterEach, beforeEach, expect, test } from 'vitest';
import { type IdentityService, startIdentityService } from '../../../test/harness/identity-service.ts';
import { createInvitation } from '../invitations/create-invitation.ts';
import { createKey } from '../keys/create-key.ts';
import { createRole } from '../roles/create-role.ts';
import { type Caller, NO_CLIENT } from '../shared/caller.ts';
import { callerOfToken } from '../tenancy/member.ts';

let service: IdentityService;

beforeEach(async () => {
  service = await startIdentityService();
});
afterEach(() => service.close());

async function changeMember(userId: string, method: string, body?: object): Promise<void> {
  const url = `/api/v2/workspaces/${service.owner.workspaceId}/members/${userId}`;
  const { status } = await service.call(method, url, { as: service.owner.secret, body });
  expect(status).toBe(200);
}

async function roleId(name: string): Promise<string> {
  return (await service.storage.roles.findByName(service.owner.workspaceId, name))?.id ?? '';
}

/** Changes between the authentication of a token and the transaction of its call, with the expected error code. */
const ENDS: Readonly<Record<string, [code: string, end: (userId: string) => Promise<void>]>> = {
  'was removed': ['MEMBERSHIP_REQUIRED', (userId) => changeMember(userId, 'DELETE')],
  'was suspended': ['MEMBERSHIP_REQUIRED', (userId) => changeMember(userId, 'PUT', { status: 'suspended' })],
  'was given a smaller role': [
    'PERMISSION_DENIED',
    async (userId) => changeMember(userId, 'PUT', { roleId: await roleId('Viewer') }),
  ],
};

test.each(Object.entries(ENDS))(
  'a token whose member %s since it was authenticated makes no key, no role and no invitation',
  async (_name, [code, end]) => {
    const { storage, keyring, clock, owner, caps } = service;
    const { catalogue } = storage;
    const needs = { unitOfWork: storage, keyring, clock, catalogue, caps, mailer: null };
    const userId = await service.addMember('Admin');
    const member = await storage.members.find(owner.workspaceId, userId);
    if (!member) throw new Error('No such member');
    const caller: Caller = callerOfToken(member, NO_CLIENT);
    await end(userId);
    const entries = await storage.audit.head(owner.workspaceId);
    for (const call of [
      createKey(needs, caller, { name: 'k', userId: owner.userId }),
      createRole(needs, caller, { name: 'New', permissions: [] }),
      createInvitation(needs, caller, {
        email: 'new@example.com',
        roleId: await roleId('Viewer'),
        isMailed: false,
      }),
    ])
      await expect(call).rejects.toMatchObject({ code });
    expect(await storage.audit.head(owner.workspaceId)).toEqual(entries);
  },
);
