import { PERMISSIONS, type Permission } from '@latchkey/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey } from '../../src/domain/keys/create-key.ts';
import { type Answer, startTestService, type TestService } from '../harness/test-service.ts';

const KEYS = '/api/v2/api-keys';

/** What `userId` may be in a request that makes a key. */
const TARGETS = {
  self: () => people.self,
  other: () => people.other,
  suspended: () => people.suspended,
  removed: () => people.removed,
  foreign: () => people.foreign,
  unknown: () => 'usr_00000000000000000000000000',
  'the text __proto__': () => '__proto__',
  empty: () => '',
  'an array': () => [people.other],
  'an object': () => ({ id: people.other }),
  'a number': () => 1,
  'ten kilobytes': () => 'u'.repeat(10_240),
};
type Target = keyof typeof TARGETS;

/** What a key that may make keys is answered, by whether it also has `api-keys:manage-others`. */
const ANSWERS: Readonly<Record<Target, { with: string; without: string }>> = {
  self: { with: '201', without: '201' },
  other: { with: '201', without: '403 PERMISSION_DENIED' },
  suspended: { with: '404 USER_NOT_FOUND', without: '403 PERMISSION_DENIED' },
  removed: { with: '404 USER_NOT_FOUND', without: '403 PERMISSION_DENIED' },
  foreign: { with: '404 USER_NOT_FOUND', without: '403 PERMISSION_DENIED' },
  unknown: { with: '404 USER_NOT_FOUND', without: '403 PERMISSION_DENIED' },
  'the text __proto__': { with: '404 USER_NOT_FOUND', without: '403 PERMISSION_DENIED' },
  empty: { with: '400 VALIDATION_FAILED', without: '400 VALIDATION_FAILED' },
  'an array': { with: '400 VALIDATION_FAILED', without: '400 VALIDATION_FAILED' },
  'an object': { with: '400 VALIDATION_FAILED', without: '400 VALIDATION_FAILED' },
  'a number': { with: '400 VALIDATION_FAILED', without: '400 VALIDATION_FAILED' },
  'ten kilobytes': { with: '400 VALIDATION_FAILED', without: '400 VALIDATION_FAILED' },
};

/** Whoever cannot show a live key is answered for that alone, whatever else the request says. */
const DEAD: Readonly<Record<string, string>> = {
  'no credential': '401 CREDENTIALS_MISSING',
  'an expired key': '401 KEY_EXPIRED',
  'a revoked key': '401 KEY_REVOKED',
  "a suspended member's key": '401 KEY_DISABLED',
};

/** Targets that are somebody, or were. */
const PEOPLE: readonly Target[] = ['self', 'other', 'suspended', 'removed', 'foreign'];

const RIGHTS = ['with', 'without'] as const;
const CREDENTIALS = ['a live key', ...Object.keys(DEAD)];
const CELLS = CREDENTIALS.flatMap((credential) =>
  RIGHTS.flatMap((right) =>
    (Object.keys(TARGETS) as Target[]).map((target) => {
      const answer = DEAD[credential] ?? ANSWERS[target][right];
      return [credential, right, target, answer] as const;
    }),
  ),
);

let service: TestService;
let people: Record<'self' | 'other' | 'suspended' | 'removed' | 'foreign', string>;
const keys = new Map<string, string>();
const refusals = new Map<string, Set<string>>();

beforeAll(async () => {
  service = await startTestService();
  const [other, suspended, removed] = [
    await service.addMember(),
    await service.addMember(),
    await service.addMember(),
  ];
  const self = service.owner.userId;
  people = { self, other, suspended, removed, foreign: (await service.addWorkspace()).userId };
  for (const right of RIGHTS) await makeKeys(right);
  const members = `/api/v2/workspaces/${service.owner.workspaceId}/members`;
  const as = service.owner.secret;
  await service.call('PUT', `${members}/${suspended}`, { as, body: { status: 'suspended' } });
  await service.call('DELETE', `${members}/${removed}`, { as });
});
afterAll(() => service.close());

async function makeKeys(right: (typeof RIGHTS)[number]): Promise<void> {
  const permissions = held(right);
  const soon = new Date(service.clock.now() + 1).toISOString();
  keys.set(`a live key ${right}`, (await service.createKey({ permissions })).key);
  keys.set(`an expired key ${right}`, (await service.createKey({ permissions, expiresAt: soon })).key);
  service.clock.advance(1);
  const revoked = await service.createKey({ permissions });
  await service.call('DELETE', `${KEYS}/${revoked.apiKey.id}`, { as: service.owner.secret });
  keys.set(`a revoked key ${right}`, revoked.key);
  const { key } = await service.createKey({ permissions, userId: people.suspended });
  keys.set(`a suspended member's key ${right}`, key);
}

function held(right: (typeof RIGHTS)[number]): Permission[] {
  return PERMISSIONS.filter((permission) => right === 'with' || permission !== 'api-keys:manage-others');
}

async function livingKeys(): Promise<number> {
  const page = { sortBy: 'createdAt', sortOrder: 'asc', limit: 1, offset: 0 } as const;
  return (await service.storage.keys.list(service.owner.workspaceId, {}, page, 0)).total;
}

function verdict({ status, body }: Answer): string {
  return status === 201 ? '201' : `${status} ${body.data.error.code}`;
}

describe(`who may make a key for whom: ${CELLS.length} cells`, () => {
  test('there are at least 88 of them', () => expect(CELLS.length).toBeGreaterThanOrEqual(88));

  test.each(CELLS)('%s, %s api-keys:manage-others, for %s: %s', async (credential, right, target, answer) => {
    const before = await livingKeys();
    const as = keys.get(`${credential} ${right}`);
    const body = { name: 'cell', userId: TARGETS[target]() };
    const given = await service.call('POST', KEYS, { ...(as !== undefined && { as }), body });
    expect(verdict(given)).toBe(answer);
    expect(await livingKeys()).toBe(before + (answer === '201' ? 1 : 0));
    if (answer === '201') expect(given.body.data.result.apiKey.userId).toBe(body.userId);
    const text = JSON.stringify(given.body).replaceAll(/req_\w+/g, 'REQUEST');
    const seen = refusals.get(`${credential} ${right} ${answer}`) ?? new Set();
    if (answer !== '201') refusals.set(`${credential} ${right} ${answer}`, seen.add(text));
  });

  test('those who may ask cannot tell unknown, foreign, removed and suspended apart, nor the others anybody', () => {
    expect(refusals.get('a live key with 404 USER_NOT_FOUND')?.size).toBe(1);
    expect(refusals.get('a live key without 403 PERMISSION_DENIED')?.size).toBe(1);
  });

  test.each(CELLS.filter(([credential, , target]) => credential === 'a live key' && PEOPLE.includes(target)))(
    'in person instead of %s, %s api-keys:manage-others, for %s: %s',
    async (_, right, target, answer) => {
      const caller = { ...(await service.session()), permissions: new Set(held(right)) };
      const needs = { unitOfWork: service.storage, keyring: service.keyring, clock: service.clock };
      const attempt = createKey(needs, caller, { name: 'cell', userId: TARGETS[target]() as string });
      if (answer === '201') expect((await attempt).key.owner.id).toBe(TARGETS[target]());
      else await expect(attempt).rejects.toMatchObject({ code: answer.slice(4) });
    },
  );
});
