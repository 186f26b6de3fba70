import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Answer, startTestService, type TestService } from '../harness/test-service.ts';

const CHECKS = 200;
const OWN_KEYS = 25;

let service: TestService;
let workspace: string;

beforeEach(async () => {
  service = await startTestService();
  workspace = `/api/v2/workspaces/${service.owner.workspaceId}`;
});
afterEach(() => service.close());

function call(method: string, path: string, body?: unknown): Promise<Answer> {
  return service.call(method, path, { as: service.owner.secret, ...(body !== undefined && { body }) });
}

async function check(key: string): Promise<string> {
  const { body } = await service.call('GET', '/api/v2/api-keys/check', { as: key });
  return body.success ? 'VALID' : body.data.error.code;
}

/** A member with keys of all kinds, and one key that the member made for the owner. */
async function makeLeaver() {
  const userId = await service.addMember('Admin');
  const first = await service.createKey({ userId });
  const own = [first.key as string];
  for (let index = 1; index < OWN_KEYS; index++) {
    const { apiKey, key } = await service.createKey({ userId, name: `own ${index}` }, own.at(-1));
    const isOff = index % 5 === 0;
    if (isOff) await call('PATCH', `/api/v2/api-keys/${apiKey.id}`, { isActive: false });
    if (!isOff) own.push(key);
  }
  const made = await service.createKey({ name: 'made for the owner' }, first.key);
  return { userId, own, madeForOwner: made.key as string };
}

/** Checks the keys continuously while `change` runs. Every check after its answer must return `code`. */
async function expectEndOf(keys: readonly string[], change: () => Promise<Answer>, code: string) {
  let isAcknowledged = false;
  const late: string[] = [];
  const ask = async (key: string): Promise<void> => {
    for (let count = 0; count < CHECKS / keys.length + 1; count++) {
      const isLate = isAcknowledged;
      const answer = await check(key);
      if (isLate) late.push(answer);
    }
  };
  const asking = keys.map(ask);
  expect((await change()).status).toBe(200);
  isAcknowledged = true;
  await Promise.all(asking);
  for (const key of keys) late.push(await check(key));
  expect(new Set(late)).toEqual(new Set([code]));
}

test('every key of a removed member ends with the answer, and is not restored when the member comes back', async () => {
  const { userId, own, madeForOwner } = await makeLeaver();
  await expectEndOf(own, () => call('DELETE', `${workspace}/members/${userId}`), 'KEY_REVOKED');
  const role = await service.storage.roles.findByName(service.owner.workspaceId, 'admin');
  const invitation = { email: `${userId}@example.com`, roleId: role?.id };
  const { body } = await call('POST', '/api/v2/workspaces/invitations', invitation);
  const { token } = body.data.result.invitation;
  const back = await service.call('POST', '/api/v2/workspaces/invitations/accept', { body: { token } });
  expect(back.body.data.result.member.userId).toBe(userId);
  for (const key of own) expect(await check(key)).toBe('KEY_REVOKED');
  const { key } = await service.createKey({ userId });
  expect(await check(key)).toBe('VALID');
  expect(await check(madeForOwner)).toBe('VALID');
});

test('disabled keys end permanently too, and none of them can be enabled or rotated again', async () => {
  const { userId } = await makeLeaver();
  await call('DELETE', `${workspace}/members/${userId}`);
  const listed = await call('GET', `/api/v2/api-keys?userId=${userId}&status=revoked&limit=100`);
  const keys = listed.body.data.result.apiKeys as { id: string; revokedReason: string }[];
  expect(keys).toHaveLength(OWN_KEYS);
  expect(new Set(keys.map(({ revokedReason }) => revokedReason))).toEqual(new Set(['OWNER_REMOVED']));
  for (const { id } of keys) {
    expect((await call('PATCH', `/api/v2/api-keys/${id}`, { isActive: true })).status).toBe(409);
    expect((await call('POST', `/api/v2/api-keys/${id}/rotate`, {})).status).toBe(409);
  }
});

test('keys that a removed member made for others stay valid, and name their creator', async () => {
  const { userId, madeForOwner } = await makeLeaver();
  await call('DELETE', `${workspace}/members/${userId}`);
  expect(await check(madeForOwner)).toBe('VALID');
  const { body } = await call('GET', '/api/v2/api-keys?search=made+for');
  expect(body.data.result.apiKeys).toEqual([
    expect.objectContaining({ status: 'active', createdBy: expect.objectContaining({ userId }) }),
  ]);
});

test("a suspended member's keys are disabled with the answer, and valid again when the member is restored", async () => {
  const { userId, own, madeForOwner } = await makeLeaver();
  const suspend = () => call('PUT', `${workspace}/members/${userId}`, { status: 'suspended' });
  await expectEndOf(own, suspend, 'KEY_DISABLED');
  expect(await check(madeForOwner)).toBe('VALID');
  await call('PUT', `${workspace}/members/${userId}`, { status: 'active' });
  for (const key of own) expect(await check(key)).toBe('VALID');
});

test('deleting a workspace ends all its keys, of every owner, and no key of another workspace', async () => {
  const neighbour = await service.addWorkspace();
  const { own, madeForOwner } = await makeLeaver();
  const all = [...own, madeForOwner, service.owner.secret];
  await expectEndOf(all, () => call('DELETE', workspace), 'KEY_REVOKED');
  expect(await check(neighbour.secret)).toBe('VALID');
});
