import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTestService, type TestService } from '../../../test/harness/test-service.ts';

const API = '/api/v2';
const MINUTE_MS = 60_000;

let service: TestService;
let roleId: string;

beforeEach(async () => {
  service = await startTestService();
  roleId = (await service.storage.roles.findByName(service.owner.workspaceId, 'Viewer'))?.id ?? '';
});
afterEach(() => service.close());

interface Creation {
  readonly url: () => string;
  readonly body: () => object;
  readonly other: () => object;
  /** The field of the answer that has the created object. */
  readonly field: string;
  /** Entries of the audit log about created objects. */
  readonly eventType: string;
}

const CREATIONS: Readonly<Record<string, Creation>> = {
  'POST /workspaces/{workspaceId}/roles': {
    url: () => `${API}/workspaces/${service.owner.workspaceId}/roles`,
    body: () => ({ name: 'Support', permissions: ['calls:read'] }),
    other: () => ({ name: 'Support', permissions: [] }),
    field: 'role',
    eventType: 'role.created',
  },
  'POST /workspaces/invitations': {
    url: () => `${API}/workspaces/invitations`,
    body: () => ({ email: 'ada@example.com', roleId }),
    other: () => ({ email: 'bob@example.com', roleId }),
    field: 'invitation',
    eventType: 'invitation.created',
  },
  'POST /workspaces': {
    url: () => `${API}/workspaces`,
    body: () => ({ name: 'Second' }),
    other: () => ({ name: 'Third' }),
    field: 'workspace',
    eventType: 'workspace.created',
  },
};

const call = ({ url }: Creation, body: object, value = 'once-1', as = service.owner.secret) =>
  service.call('POST', url(), { as, body, headers: { 'idempotency-key': value } });

async function made({ eventType }: Creation): Promise<number> {
  const url = `${API}/workspaces/logs?eventType=${eventType}`;
  return (await service.call('GET', url, { as: service.owner.secret })).body.data.result.pagination.total;
}

describe.each(Object.entries(CREATIONS))('%s with an Idempotency-Key', (_name, creation) => {
  test('a repeated call creates nothing, and gets the same answer', async () => {
    const first = await call(creation, creation.body());
    const again = await call(creation, creation.body(), '"once-1"');
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body.data.result).toEqual(first.body.data.result);
    expect(again.headers.location).toBe(first.headers.location);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    expect(await made(creation)).toBe(1);
  });

  test('15 concurrent calls create one object', async () => {
    const answers = await Promise.all(Array.from({ length: 15 }, () => call(creation, creation.body())));
    const ids = answers.map(({ body }) => body.data.result[creation.field].id);
    expect([new Set(ids).size, await made(creation)]).toEqual([1, 1]);
  });

  test('422 for another body, and a failed call does not consume the key', async () => {
    expect((await call(creation, { wrong: true })).status).toBe(400);
    expect((await call(creation, creation.body())).status).toBe(201);
    const answer = await call(creation, creation.other());
    expect([answer.status, answer.body.data.error.code]).toEqual([422, 'IDEMPOTENCY_MISMATCH']);
    expect(await made(creation)).toBe(1);
  });

  test('the secret is not replayed after ten minutes, and the call is not replayed after a day', async () => {
    const first = (await call(creation, creation.body())).body.data.result;
    service.clock.advance(10 * MINUTE_MS);
    const { invitation, key, ...late } = (await call(creation, creation.body())).body.data.result;
    expect([invitation?.token, invitation?.acceptUrl, key]).toEqual([undefined, undefined, undefined]);
    const id = (invitation ?? late[creation.field]).id;
    expect(id).toBe(first[creation.field].id);
    service.clock.advance(24 * 60 * MINUTE_MS);
    const next = await call(creation, creation.body());
    expect(next.body.data.result?.[creation.field].id).not.toBe(id);
    expect(next.headers['idempotency-replayed']).toBeUndefined();
  });

  test('a caller without the permission does not get the answer to an earlier call of the same user', async () => {
    await call(creation, creation.body());
    const { key } = await service.createKey({ permissions: ['calls:read'] });
    expect((await call(creation, creation.body(), 'once-1', key)).status).toBe(403);
  });
});

test('the token of an invitation is not replayed once it is no longer valid', async () => {
  const creation = CREATIONS['POST /workspaces/invitations'] as Creation;
  const { invitation } = (await call(creation, creation.body())).body.data.result;
  await service.call('DELETE', `${creation.url()}/${invitation.id}`, { as: service.owner.secret });
  const again = (await call(creation, creation.body())).body.data.result.invitation;
  expect(again).toMatchObject({ id: invitation.id, status: 'revoked' });
  expect(again.token).toBeUndefined();
});

test('the first key of a workspace is not replayed once it is revoked', async () => {
  const creation = CREATIONS['POST /workspaces'] as Creation;
  const { key, workspace } = (await call(creation, creation.body())).body.data.result;
  const { apiKeys } = (await service.call('GET', `${API}/api-keys`, { as: key })).body.data.result;
  await service.edit(apiKeys[0].id, { revoked_at: service.clock.now() });
  const again = (await call(creation, creation.body())).body.data.result;
  expect(again.workspace.id).toBe(workspace.id);
  expect(again.key).toBeUndefined();
});
