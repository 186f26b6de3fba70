import { PERMISSIONS, type Permission } from '@latchkey/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  type CallOptions,
  startTestService,
  type TestService,
} from '../harness/test-service.ts';

const KEYS = '/api/v2/api-keys';

/** The kinds of `userId` in a request that creates a key. */
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

/** What a key or a person that may make keys is answered, by whether it also has `api-keys:manage-others`. */
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

/** Without a live key, the answer depends on the credential alone, whatever else the request contains. */
const DEAD: Readonly<Record<string, string>> = {
  'no credential': '401 CREDENTIALS_MISSING',
  'an expired key': '401 KEY_EXPIRED',
  'a revoked key': '401 KEY_REVOKED',
  "a suspended member's key": '401 KEY_DISABLED',
  'a session that was ended': '401 SESSION_INVALID',
  "a suspended member's session": '401 SESSION_INVALID',
};

const RIGHTS = ['with', 'without'] as const;
const CREDENTIALS = ['a live key', 'a session', ...Object.keys(DEAD)];
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
const credentials = new Map<string, CallOptions>();
/** The user of the credential, when it is not the owner's. */
const holders = new Map<string, string>();
const denials = new Map<string, Set<string>>();

beforeAll(async () => {
  service = await startTestService();
  const [other, suspended, removed] = [
    await service.addMember(),
    await service.addMember(),
    await service.addMember(),
  ];
  const self = service.owner.userId;
  people = { self, other, suspended, removed, foreign: (await service.addWorkspace()).userId };
  for (const right of RIGHTS) {
    await makeKeys(right);
    await makeSessions(right);
  }
  const members = `/api/v2/workspaces/${service.owner.workspaceId}/members`;
  const as = service.owner.secret;
  await service.call('PUT', `${members}/${suspended}`, { as, body: { status: 'suspended' } });
  await service.call('DELETE', `${members}/${removed}`, { as });
});
afterAll(() => service.close());

async function makeKeys(right: (typeof RIGHTS)[number]): Promise<void> {
  const permissions = held(right);
  const soon = new Date(service.clock.now() + 1).toISOString();
  const live = await service.createKey({ permissions });
  const expired = await service.createKey({ permissions, expiresAt: soon });
  service.clock.advance(1);
  const revoked = await service.createKey({ permissions });
  await service.call('DELETE', `${KEYS}/${revoked.apiKey.id}`, { as: service.owner.secret });
  const suspended = await service.createKey({ permissions, userId: people.suspended });
  credentials.set(`a live key ${right}`, { as: live.key });
  credentials.set(`an expired key ${right}`, { as: expired.key });
  credentials.set(`a revoked key ${right}`, { as: revoked.key });
  credentials.set(`a suspended member's key ${right}`, { as: suspended.key });
}

async function makeSessions(right: (typeof RIGHTS)[number]): Promise<void> {
  const as = service.owner.secret;
  const body = { name: `Holder ${right}`, permissions: held(right) };
  await service.call('POST', `/api/v2/workspaces/${service.owner.workspaceId}/roles`, { as, body });
  const userId = await service.addMember(body.name);
  const ended = await service.signIn(userId);
  await service.call('DELETE', '/api/v2/sessions/current', { session: ended });
  credentials.set(`a session ${right}`, { session: await service.signIn(userId) });
  holders.set(`a session ${right}`, userId);
  credentials.set(`a session that was ended ${right}`, { session: ended });
  credentials.set(`a suspended member's session ${right}`, {
    session: await service.signIn(people.suspended),
  });
}

function held(right: (typeof RIGHTS)[number]): Permission[] {
  return PERMISSIONS.filter((permission) => right === 'with' || permission !== 'api-keys:manage-others');
}

async function livingKeys(): Promise<number> {
  const page = { sortBy: 'createdAt', sortOrder: 'asc', limit: 1, offset: 0, after: null } as const;
  return (await service.storage.keys.list(service.owner.workspaceId, {}, page, 0)).total;
}

function verdict({ status, body }: Answer): string {
  return status === 201 ? '201' : `${status} ${body.data.error.code}`;
}

describe(`who may make a key for whom: ${CELLS.length} cells`, () => {
  test('there are at least 88 of them', () => expect(CELLS.length).toBeGreaterThanOrEqual(88));

  test.each(CELLS)('%s, %s api-keys:manage-others, for %s: %s', async (credential, right, target, answer) => {
    const before = await livingKeys();
    const holder = holders.get(`${credential} ${right}`);
    const userId = target === 'self' && holder !== undefined ? holder : TARGETS[target]();
    const shown = credentials.get(`${credential} ${right}`);
    const body = { name: 'cell', userId };
    const given = await service.call('POST', KEYS, { ...shown, body });
    expect(verdict(given)).toBe(answer);
    expect(await livingKeys()).toBe(before + (answer === '201' ? 1 : 0));
    if (answer === '201') expect(given.body.data.result.apiKey.userId).toBe(body.userId);
    const text = JSON.stringify(given.body).replaceAll(/req_\w+/g, 'REQUEST');
    const seen = denials.get(`${credential} ${right} ${answer}`) ?? new Set();
    if (answer !== '201') denials.set(`${credential} ${right} ${answer}`, seen.add(text));
  });

  test('unknown, foreign, removed and suspended users get the same answer, and callers without the permission get one for all', () => {
    for (const credential of ['a live key', 'a session']) {
      expect(denials.get(`${credential} with 404 USER_NOT_FOUND`)?.size).toBe(1);
      expect(denials.get(`${credential} without 403 PERMISSION_DENIED`)?.size).toBe(1);
    }
  });
});
