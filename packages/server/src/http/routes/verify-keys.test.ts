import {
  ENDPOINTS,
  type Endpoint,
  FORWARD_AUTH_PATH,
  needsCredential,
  VERIFIER_HEADER,
} from '@latchkey/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAMPLE_REQUESTS } from '../../../test/harness/sample-requests.ts';
import { snapshot } from '../../../test/harness/snapshot.ts';
import { makeSubject } from '../../../test/harness/subject.ts';
import { type Answer, startTestService, type TestService } from '../../../test/harness/test-service.ts';

const KEYS = '/api/v2/api-keys';

let service: TestService;
/** The text of a key for verification. */
let verifier: string;

beforeAll(async () => {
  service = await startTestService();
  verifier = (await service.createKey({ use: 'verify' })).key;
});
afterAll(() => service.close());

/** Creates a key for a member with a role of these permissions; the owner makes it. */
async function keyOfMember(permissions: readonly string[], in_: TestService = service) {
  const { workspaceId, secret: as } = in_.owner;
  const memberId = await in_.addMember();
  const name = `Role ${memberId}`;
  const made = await in_.call('POST', `/api/v2/workspaces/${workspaceId}/roles`, {
    as,
    body: { name, permissions },
  });
  const setRole = (roleId: string) =>
    in_.call('PUT', `/api/v2/workspaces/${workspaceId}/members/${memberId}`, { as, body: { roleId } });
  await setRole(made.body.data.result.role.id);
  const create = (body: object): Promise<Answer> =>
    in_.call('POST', KEYS, { as, body: { name: 'key', userId: memberId, ...body } });
  return { memberId, setRole, create };
}

function verify(as: string, key: string, in_: TestService = service): Promise<Answer> {
  return in_.call('POST', `${KEYS}/verify`, { as, body: { key } });
}

const codeOf = ({ status, body }: Answer) => [status, body.data.error?.code ?? body.data.result.code];

describe('a key for verification', () => {
  test('may call verify, verify-many, forward-auth, check and me, and no other endpoint that needs a credential', async () => {
    const subject = await makeSubject(service);
    const before = await snapshot(service);
    const answered: string[] = [];
    for (const endpoint of ENDPOINTS.filter(needsCredential)) {
      const answer = await callAs(verifier, endpoint, subject);
      if (answer.status === endpoint.status) answered.push(endpoint.id);
      else expect([endpoint.id, ...codeOf(answer)]).toEqual([endpoint.id, 403, 'PERMISSION_DENIED']);
    }
    expect(answered).toEqual(['checkApiKey', 'verifyApiKey', 'verifyApiKeys', 'getMe']);
    const forwarded = await service.call('GET', FORWARD_AUTH_PATH, {
      as: service.owner.secret,
      headers: { [VERIFIER_HEADER]: verifier },
    });
    expect(forwarded.status).toBe(200);
    expect(await snapshot(service)).toEqual(before);
  });

  test('is told what it is for when a call is denied', async () => {
    const { body } = await service.call('GET', KEYS, { as: verifier });
    expect(body.data.message).toMatch(/created with use "verify".*Make this call with a key that has perm/);
  });

  test('has no permissions, and says so in the answers about it', async () => {
    const { apiKey, key } = await service.createKey({ use: 'verify' });
    expect(apiKey).toMatchObject({ use: 'verify', permissions: [] });
    const me = await service.call('GET', '/api/v2/me', { as: key });
    expect(me.body.data.result.caller).toMatchObject({ permissions: [], use: 'verify' });
    const check = await service.call('GET', `${KEYS}/check?permissions=api-keys:read`, { as: key });
    expect(codeOf(check)).toEqual([403, 'PERMISSION_DENIED']);
    expect((await verify(verifier, key)).body.data.result).toMatchObject({
      valid: true,
      apiKey: { use: 'verify', permissions: [] },
    });
  });

  test('verifies keys of its own workspace only', async () => {
    const stranger = await service.addWorkspace();
    expect((await verify(verifier, service.owner.secret)).body.data.result.code).toBe('VALID');
    expect((await verify(verifier, stranger.secret)).body.data.result.code).toBe('KEY_INVALID');
  });

  test('is a key of use "api" unless the call says otherwise, and no other use exists', async () => {
    expect((await service.createKey()).apiKey.use).toBe('api');
    const body = { name: 'key', userId: service.owner.userId, use: 'admin' };
    const answer = await service.call('POST', KEYS, { as: service.owner.secret, body });
    expect(codeOf(answer)).toEqual([400, 'VALIDATION_FAILED']);
  });

  test.each([[[]], [['calls:read']]])(
    '400 for permissions %j beside it, and nothing changes',
    async (permissions) => {
      const before = await snapshot(service);
      const body = { name: 'key', userId: service.owner.userId, use: 'verify', permissions };
      const answer = await service.call('POST', KEYS, { as: service.owner.secret, body });
      expect(codeOf(answer)).toEqual([400, 'VALIDATION_FAILED']);
      expect(answer.body.data.error.details[0].field).toBe('permissions');
      expect(await snapshot(service)).toEqual(before);
    },
  );

  test('403 unless both the creator and the owner hold api-keys:read', async () => {
    const { key: writer } = await service.createKey({ permissions: ['api-keys:write'] });
    const body = { name: 'key', userId: service.owner.userId, use: 'verify' };
    const byWriter = await service.call('POST', KEYS, { as: writer, body });
    const forMember = await (await keyOfMember(['calls:read'])).create({ use: 'verify' });
    for (const answer of [byWriter, forMember]) {
      expect(codeOf(answer)).toEqual([403, 'PERMISSION_ESCALATION']);
      expect(answer.body.data.error.details).toEqual([
        { field: 'use', message: 'api-keys:read is not held by both the creator and the owner' },
      ]);
    }
  });

  test('stays one after a rotation, after a change and from the database, and its audit entry says so', async () => {
    const { apiKey, key } = await service.createKey({ use: 'verify' });
    const url = `${KEYS}/${apiKey.id}`;
    const as = service.owner.secret;
    const rotated = await service.call('POST', `${url}/rotate`, { as, body: {} });
    expect(rotated.body.data.result.apiKey.use).toBe('verify');
    const changed = await service.call('PATCH', url, { as, body: { name: 'other' } });
    expect(changed.body.data.result.apiKey.use).toBe('verify');
    for (const secret of [key, rotated.body.data.result.key]) {
      expect(codeOf(await service.call('GET', KEYS, { as: secret }))).toEqual([403, 'PERMISSION_DENIED']);
      expect(codeOf(await verify(secret, as))).toEqual([200, 'VALID']);
    }
    const { body } = await service.call(
      'GET',
      `/api/v2/workspaces/logs?targetId=${apiKey.id}&eventType=api-key.created`,
      { as },
    );
    expect(body.data.result.logs[0].metadata.after.use).toBe('verify');
  });

  test.each(['api', 'verify'] as const)(
    'whose stored use was edited outside the service to or from %s is denied',
    async (use) => {
      const { apiKey, key } = await service.createKey({ use });
      await service.edit(apiKey.id, { use: use === 'api' ? 'verify' : 'api' });
      expect(codeOf(await verify(key, service.owner.secret))).toEqual([401, 'KEY_INVALID']);
    },
  );
});

describe('when the owner of a key for verification loses api-keys:read', () => {
  test('the key still verifies in a frozen workspace, and is denied in a capped one', async () => {
    const own = await startTestService();
    const as = own.owner.secret;
    const { setRole, create } = await keyOfMember(['api-keys:read'], own);
    const { key } = (await create({ use: 'verify' })).body.data.result;
    const { body } = await own.call('GET', `/api/v2/workspaces/${own.owner.workspaceId}/roles`, { as });
    const roleId = body.data.result.roles.find(({ name }: { name: string }) => name === 'Viewer').id;
    const empty = await own.call('POST', `/api/v2/workspaces/${own.owner.workspaceId}/roles`, {
      as,
      body: { name: 'Empty', permissions: [] },
    });
    await setRole(empty.body.data.result.role.id);
    expect(codeOf(await verify(key, as, own))).toEqual([200, 'VALID']);
    await own.call('PUT', '/api/v2/workspaces', { as, body: { permissionMode: 'capped' } });
    expect(codeOf(await verify(key, as, own))).toEqual([403, 'PERMISSION_DENIED']);
    await setRole(roleId);
    expect(codeOf(await verify(key, as, own))).toEqual([200, 'VALID']);
    await own.close();
  });

  test('by suspension it is disabled, and by removal from the workspace it is revoked', async () => {
    const { memberId, create } = await keyOfMember(['api-keys:read']);
    const { key } = (await create({ use: 'verify' })).body.data.result;
    const { workspaceId, secret: as } = service.owner;
    const url = `/api/v2/workspaces/${workspaceId}/members/${memberId}`;
    await service.call('PUT', url, { as, body: { status: 'suspended' } });
    expect(codeOf(await verify(key, as))).toEqual([401, 'KEY_DISABLED']);
    await service.call('DELETE', url, { as });
    expect(codeOf(await verify(key, as))).toEqual([401, 'KEY_REVOKED']);
  });
});

async function callAs(as: string, endpoint: Endpoint, subject: Awaited<ReturnType<typeof makeSubject>>) {
  const { url, body } = SAMPLE_REQUESTS[endpoint.id]?.(subject) ?? expect.unreachable(endpoint.id);
  return service.call(endpoint.method, url, { as, ...(body !== undefined && { body }) });
}
