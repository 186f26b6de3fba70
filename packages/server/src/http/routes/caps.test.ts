import { afterEach, describe, expect, test } from 'vitest';
import { type Answer, startTestService, type TestService } from '../../../test/harness/test-service.ts';
import { DEFAULT_CAPS } from '../../domain/shared/caps.ts';
import type { Mailer } from '../../domain/shared/mail.ts';

let service: TestService;

const open = async (caps: Partial<typeof DEFAULT_CAPS>, mailer: Mailer | null = null) => {
  service = await startTestService({ caps: { ...DEFAULT_CAPS, ...caps }, mailer });
};
afterEach(() => service.close());

const post = (path: string, body: object, as = service.owner.secret): Promise<Answer> =>
  service.call('POST', `/api/v2${path}`, { as, body });
const outcome = ({ status, body }: Answer) => (status < 300 ? status : body.data.error.code);
const remove = (path: string) => service.call('DELETE', `/api/v2${path}`, { as: service.owner.secret });

const newKey = (userId = service.owner.userId) => post('/api-keys', { name: 'key', userId });
const newRole = (name: string) =>
  post(`/workspaces/${service.owner.workspaceId}/roles`, { name, permissions: [] });
async function invite(email: string, more: object = {}): Promise<Answer> {
  const role = await service.storage.roles.findByName(service.owner.workspaceId, 'Member');
  return post('/workspaces/invitations', { email, roleId: role?.id, ...more });
}

describe('keys of a member', () => {
  test('a member cannot own more keys than the cap; revoked keys do not count, and each member has its own cap', async () => {
    await open({ keysPerMember: 3 });
    const { apiKey } = (await newKey()).body.data.result;
    expect(outcome(await newKey())).toBe(201);
    const denied = await newKey();
    expect([denied.status, denied.body.data.error]).toMatchObject([
      409,
      { code: 'LIMIT_REACHED', retryable: false },
    ]);
    expect(denied.body.data.message).toMatch(/\b3 keys\b.*LATCHKEY_KEYS_PER_MEMBER_MAX/);
    expect(outcome(await newKey(await service.addMember()))).toBe(201);
    await remove(`/api-keys/${apiKey.id}`);
    expect(outcome(await newKey())).toBe(201);
    expect(outcome(await newKey())).toBe('LIMIT_REACHED');
  });

  test('concurrent calls do not exceed the cap', async () => {
    await open({ keysPerMember: 10 });
    const outcomes = (await Promise.all(Array.from({ length: 60 }, () => newKey()))).map(outcome);
    expect(outcomes.filter((one) => one === 201)).toHaveLength(9);
    expect(new Set(outcomes)).toEqual(new Set([201, 'LIMIT_REACHED']));
  });

  test('at the cap, a call repeated with its Idempotency-Key gets the same answer', async () => {
    await open({ keysPerMember: 2 });
    const call = () =>
      service.call('POST', '/api/v2/api-keys', {
        as: service.owner.secret,
        body: { name: 'key', userId: service.owner.userId },
        headers: { 'idempotency-key': 'once-and-again-0001' },
      });
    const first = await call();
    expect((await call()).body.data.result.key).toBe(first.body.data.result.key);
  });
});

test('a workspace cannot have more roles than the cap, even if they are created concurrently', async () => {
  await open({ rolesPerWorkspace: 6 });
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => newRole(`Role ${index}`)));
  expect(answers.map(outcome).filter((one) => one === 201)).toHaveLength(2);
  expect(answers.at(-1)?.body.data.message).toMatch(/\b6 roles\b.*LATCHKEY_ROLES_PER_WORKSPACE_MAX/);
});

test('a person cannot create more workspaces than the cap, even concurrently', async () => {
  await open({ workspacesPerPerson: 3 });
  const answers = await Promise.all(
    Array.from({ length: 5 }, (_, index) => post('/workspaces', { name: `W ${index}` })),
  );
  expect(answers.map(outcome).filter((one) => one === 201)).toHaveLength(3);
  const denied = answers.find(({ status }) => status !== 201);
  expect(denied?.body.data.message).toMatch(/\b3 workspaces\b.*LATCHKEY_WORKSPACES_PER_PERSON_MAX/);
});

test('workspaces created with the first key of another workspace count for the person who created the latter', async () => {
  await open({ workspacesPerPerson: 2 });
  const first = await post('/workspaces', { name: 'First' });
  const as = first.body.data.result.key;
  expect(outcome(await post('/workspaces', { name: 'Second' }, as))).toBe(201);
  expect(outcome(await post('/workspaces', { name: 'Third' }, as))).toBe('LIMIT_REACHED');
  expect(outcome(await post('/workspaces', { name: 'Third' }))).toBe('LIMIT_REACHED');
});

describe('invitations', () => {
  test('a workspace cannot have more open invitations than the cap; replaced, revoked and expired ones do not count', async () => {
    await open({ openInvitations: 2 });
    const first = await invite('a@example.com');
    expect(outcome(await invite('b@example.com'))).toBe(201);
    const denied = await invite('c@example.com');
    expect([denied.status, outcome(denied)]).toEqual([409, 'LIMIT_REACHED']);
    expect(denied.body.data.message).toMatch(/\b2 open invitations\b.*LATCHKEY_OPEN_INVITATIONS_MAX/);
    expect(outcome(await invite('b@example.com'))).toBe(201);
    await remove(`/workspaces/invitations/${first.body.data.result.invitation.id}`);
    expect(outcome(await invite('c@example.com'))).toBe(201);
    service.clock.advance(7 * 86_400_000);
    const later = await Promise.all(['d', 'e', 'f', 'g'].map((name) => invite(`${name}@example.com`)));
    expect(later.map(outcome).filter((one) => one === 201)).toHaveLength(2);
  });

  test('a workspace cannot send more mails per hour than the cap: an invitation over the cap is not created', async () => {
    const sent: string[] = [];
    const mailer: Mailer = {
      async send({ to }) {
        sent.push(to);
        return null;
      },
    };
    await open({ mailsPerHour: 3 }, mailer);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => invite(`victim-${index}@example.com`)),
    );
    expect(answers.map(outcome).filter((one) => one === 201)).toHaveLength(3);
    expect(sent).toHaveLength(3);
    const denied = await invite('victim-9@example.com');
    expect(denied.body.data.message).toMatch(/\b3 mails\b.*LATCHKEY_MAILS_PER_HOUR_MAX/);
    expect(outcome(await invite('by-hand@example.com', { skipEmail: true }))).toBe(201);
    service.clock.advance(3_599_999);
    expect(outcome(await invite('later@example.com'))).toBe('LIMIT_REACHED');
    service.clock.advance(1);
    expect(outcome(await invite('later@example.com'))).toBe(201);
    expect(sent).toHaveLength(4);
  });
});
