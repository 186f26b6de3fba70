import { API_BASE } from '@latchkey/contract';
import { expect } from 'vitest';
import type { Bootstrapped } from '../../src/domain/bootstrap/bootstrap-service.ts';
import { openSession } from '../../src/domain/sessions/open-session.ts';
import { NO_CLIENT } from '../../src/domain/shared/caller.ts';
import type { Subject } from './sample-requests.ts';
import type { Answer, TestService } from './test-service.ts';

let made = 0;

/** One of everything that a request can speak of, in the workspace of the owner whose key this is. */
export async function makeSubject(
  service: TestService,
  owner: Bootstrapped = service.owner,
): Promise<Subject> {
  const { workspaceId, userId, secret: as } = owner;
  const post = async (path: string, body: unknown, key?: string): Promise<Answer['body']> => {
    const answer = await service.call('POST', API_BASE + path, {
      ...(key !== undefined && { as: key }),
      body,
    });
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body.data.result;
  };
  const number = made++;
  const { apiKey } = await post('/api-keys', { name: 'key', userId }, as);
  const rotated = await service.call('POST', `${API_BASE}/api-keys/${apiKey.id}/rotate`, { as });
  const { key } = rotated.body.data.result;
  const { role } = await post(
    `/workspaces/${workspaceId}/roles`,
    { name: `Role ${number}`, permissions: [] },
    as,
  );
  const invite = (email: string) => post('/workspaces/invitations', { email, roleId: role.id }, as);
  const { invitation: joined } = await invite(`member-${number}@example.com`);
  const { member } = await post('/workspaces/invitations/accept', { token: joined.token });
  const viewer = await service.storage.roles.findByName(workspaceId, 'viewer');
  const url = `${API_BASE}/workspaces/${workspaceId}/members/${member.userId}`;
  await service.call('PUT', url, { as, body: { roleId: viewer?.id } });
  const { signInLink } = await post('/sign-in-links', undefined, as);
  const { session } = await openSession(
    { unitOfWork: service.storage, keyring: service.keyring, clock: service.clock },
    { workspaceId, userId },
    NO_CLIENT,
  );
  const { invitation } = await invite(`invited-${number}@example.com`);
  return {
    keyId: apiKey.id,
    secret: key,
    userId,
    workspaceId,
    roleId: role.id,
    memberId: member.userId,
    invitationId: invitation.id,
    invitationToken: invitation.token,
    signInToken: new URL(signInLink.url).hash.slice(1),
    sessionId: session.id,
  };
}
