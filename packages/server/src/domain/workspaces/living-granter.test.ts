import { PERMISSIONS } from '@latchkey/contract';
import { expect, test } from 'vitest';
import { makeSubject } from '../../../test/harness/subject.ts';
import { startTestService } from '../../../test/harness/test-service.ts';
import { type Caller, NO_ORIGIN, UNBOUNDED } from '../shared/caller.ts';
import { createInvitation } from './create-invitation.ts';
import { createRole } from './create-role.ts';
import { removeMember } from './remove-member.ts';
import { updateMember } from './update-member.ts';
import { updateRole } from './update-role.ts';

test('a key that was revoked since it was authenticated invites nobody and changes no role and no member', async () => {
  const service = await startTestService();
  const { storage, keyring, clock, owner } = service;
  const needs = { unitOfWork: storage, keyring, clock, catalogue: storage.catalogue };
  const { roleId, memberId } = await makeSubject(service);
  const { apiKey } = await service.createKey();
  await service.call('DELETE', `/api/v2/api-keys/${apiKey.id}`, { as: owner.secret });
  const { workspaceId, userId } = owner;
  const permissions = new Set(PERMISSIONS);
  const caller: Caller = {
    kind: 'key',
    workspaceId,
    userId,
    keyId: apiKey.id,
    permissions,
    bounds: UNBOUNDED,
    origin: NO_ORIGIN,
  };
  const entries = await storage.audit.head(workspaceId);
  const calls = [
    createInvitation(needs, caller, { email: 'new@example.com', roleId }),
    createRole(needs, caller, { name: 'New', permissions: [] }),
    updateRole(needs, caller, roleId, { name: 'Renamed' }),
    updateMember(needs, caller, memberId, { status: 'suspended' }),
    removeMember(needs, caller, memberId),
  ];
  for (const outcome of await Promise.allSettled(calls)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'KEY_REVOKED' } });
  }
  expect(await storage.audit.head(workspaceId)).toEqual(entries);
  await service.close();
});
