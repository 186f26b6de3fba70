import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Latchkey, LatchkeyDeniedError, LatchkeyError, type NewKey } from '../../../sdk/src/index.ts';
import { TestLatchkey } from '../../../sdk/src/testing.ts';
import { startTestService } from '../harness/test-service.ts';

/*
 * The contract that `@latchkey/sdk/testing` shares with the service: the same calls of the same client, with a clock that
 * the tests move, on both.
 */

interface Subject {
  readonly latchkey: Latchkey;
  readonly userId: string;
  client(key: string): Latchkey;
  advance(ms: number): void;
  now(): number;
  /** Writes deferred counts. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

async function theService(): Promise<Subject> {
  const service = await startTestService({ publicUrl: null });
  const url = await service.app.listen({ host: '127.0.0.1', port: 0 });
  const client = (key: string) => new Latchkey({ url, key });
  return {
    latchkey: client(service.owner.secret),
    userId: service.owner.userId,
    client,
    advance: (ms) => service.clock.advance(ms),
    now: () => service.clock.now(),
    settle: () => service.flush(),
    close: () => service.close(),
  };
}

async function itsDouble(): Promise<Subject> {
  const double = new TestLatchkey({ now: new Date('2026-11-23T09:00:00.000Z') });
  const { latchkey, userId, clock } = double;
  return {
    latchkey,
    userId,
    client: (key) => double.client(key),
    advance: (ms) => clock.advance(ms),
    now: () => clock.now(),
    settle: async () => undefined,
    close: async () => undefined,
  };
}

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

describe.each([
  ['the service', theService],
  ['its double', itsDouble],
])('%s:', (_, start) => {
  let subject: Subject;
  beforeAll(async () => {
    subject = await start();
  });
  afterAll(() => subject.close());
  const inMs = (ms: number) => new Date(subject.now() + ms).toISOString();

  async function createKey(options: Partial<NewKey> = {}): Promise<{ id: string; key: string }> {
    const permissions = options.use === 'verify' ? {} : { permissions: ['calls:read'] };
    const body = { name: 'k', userId: subject.userId, ...permissions, ...options };
    const { apiKey, key } = await subject.latchkey.keys.create(body);
    return { id: apiKey.id, key: String(key) };
  }

  const codeOf = async (key: string, question = {}) =>
    (await subject.latchkey.keys.verify({ key, ...question })).code;

  async function failureOf(promise: Promise<unknown>): Promise<unknown> {
    const error = await promise.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof LatchkeyError)) return error;
    return { status: error.status, code: error.code, fields: error.details.map(({ field }) => field) };
  }

  test('a new key verifies, and its verdict has the key without its secret', async () => {
    const { id, key } = await createKey({ name: ' Billing ', expiresAt: '2027-01-31' });
    const verdict = await subject.latchkey.keys.verify({ key });
    expect(verdict).toMatchObject({
      valid: true,
      code: 'VALID',
      apiKey: {
        ...{ id, name: 'Billing', userId: subject.userId, permissions: ['calls:read'], status: 'active' },
        ...{ isActive: true, use: 'api', expiresAt: '2027-01-31T00:00:00.000Z', createdAt: inMs(0) },
        ...{
          lastUsedAt: null,
          revokedAt: null,
          rateLimit: { requestsPerMinute: null, requestsPerDay: null },
        },
        createdBy: { kind: 'key', userId: subject.userId },
      },
      rateLimit: { remainingThisMinute: null, remainingToday: null, retryAfterSeconds: null },
    });
    expect(verdict.apiKey?.key).toMatch(/^lk_\w+_…\w{4}$/);
    expect(verdict.apiKey?.key.slice(-4)).toBe(key.slice(-4));
  });

  test.each(['lk_test_nonsense', 'nonsense'])('%s is KEY_INVALID', async (key) => {
    const { code, valid, apiKey } = await subject.latchkey.keys.verify({ key });
    expect([code, valid, apiKey]).toEqual(['KEY_INVALID', false, undefined]);
  });

  test('a denial names the missing permissions, and takes no quota', async () => {
    const { key } = await createKey({ rateLimit: { requestsPerMinute: 2 } });
    const asked = { key, permissions: ['calls:delete', 'calls:read', 'calls:write'] };
    const denied = await subject.latchkey.keys.verify(asked);
    expect(denied).toMatchObject({ valid: false, code: 'PERMISSION_DENIED' });
    expect([...(denied.missing ?? [])].sort()).toEqual(['calls:delete', 'calls:write']);
    const allowed = await subject.latchkey.keys.verify({ key });
    expect(allowed.rateLimit.remainingThisMinute).toBe(1);
  });

  test('a key expires to the millisecond', async () => {
    const { key } = await createKey({ expiresAt: inMs(2 * SECOND) });
    subject.advance(2 * SECOND - 1);
    expect(await codeOf(key)).toBe('VALID');
    subject.advance(1);
    expect(await codeOf(key)).toBe('KEY_EXPIRED');
  });

  test('a disabled key is denied until it is enabled, and a revoked one for good', async () => {
    const { id, key } = await createKey();
    const { keys } = subject.latchkey;
    await keys.update(id, { isActive: false });
    expect(await codeOf(key)).toBe('KEY_DISABLED');
    await keys.update(id, { isActive: true });
    expect(await codeOf(key)).toBe('VALID');
    const { apiKey } = await keys.revoke(id, { reason: 'lost' });
    expect(apiKey).toMatchObject({ status: 'revoked', revokedReason: 'lost', revokedAt: inMs(0) });
    expect(await codeOf(key)).toBe('KEY_REVOKED');
    await keys.revoke(id);
    expect(await failureOf(keys.update(id, { isActive: true }))).toMatchObject({ code: 'CONFLICT' });
  });

  test('after a rotation both secrets work, with one quota, until the overlap ends', async () => {
    const { id, key } = await createKey({ rateLimit: { requestsPerMinute: 5 } });
    const { key: second = '' } = await subject.latchkey.keys.rotate(id, { overlapSeconds: 3_600 });
    await subject.latchkey.keys.verify({ key });
    const { rateLimit } = await subject.latchkey.keys.verify({ key: second });
    expect(rateLimit.remainingThisMinute).toBe(3);
    subject.advance(HOUR - 1);
    expect([await codeOf(key), await codeOf(second)]).toEqual(['VALID', 'VALID']);
    subject.advance(1);
    expect([await codeOf(key), await codeOf(second)]).toEqual(['KEY_REVOKED', 'VALID']);
  });

  test('a second rotation ends the first secret at once', async () => {
    const { id, key } = await createKey();
    const { key: second = '' } = await subject.latchkey.keys.rotate(id);
    const { key: third = '' } = await subject.latchkey.keys.rotate(id, { overlapSeconds: 60 });
    const codes = [await codeOf(key), await codeOf(second), await codeOf(third)];
    expect(codes).toEqual(['KEY_REVOKED', 'VALID', 'VALID']);
  });

  test('a limit per minute holds in any 60 seconds, and says when to try again', async () => {
    const { key } = await createKey({ rateLimit: { requestsPerMinute: 2 } });
    expect(await codeOf(key)).toBe('VALID');
    subject.advance(20 * SECOND);
    expect(await codeOf(key)).toBe('VALID');
    const { code, rateLimit } = await subject.latchkey.keys.verify({ key });
    expect([code, rateLimit.remainingThisMinute, rateLimit.retryAfterSeconds]).toEqual([
      'RATE_LIMITED',
      0,
      40,
    ]);
    expect(await codeOf(key, { cost: 0 })).toBe('VALID');
    subject.advance(40 * SECOND);
    expect([await codeOf(key), await codeOf(key)]).toEqual(['VALID', 'RATE_LIMITED']);
  });

  test('a limit per day holds until midnight in UTC', async () => {
    const { key } = await createKey({ rateLimit: { requestsPerDay: 3 } });
    expect(await codeOf(key, { cost: 2 })).toBe('VALID');
    const { code, rateLimit } = await subject.latchkey.keys.verify({ key, cost: 2 });
    const untilMidnight = 24 * HOUR - (subject.now() % (24 * HOUR));
    expect([code, rateLimit.remainingToday]).toEqual(['RATE_LIMITED', 1]);
    expect(rateLimit.retryAfterSeconds).toBe(Math.ceil(untilMidnight / SECOND));
    subject.advance(untilMidnight);
    expect(await codeOf(key, { cost: 3 })).toBe('VALID');
  });

  test('verify-many answers in order, and counts each check', async () => {
    const { key } = await createKey({ rateLimit: { requestsPerMinute: 1 } });
    const verdicts = await subject.latchkey.keys.verifyMany([{ key }, { key: 'nonsense' }, { key }]);
    expect(verdicts.map(({ code }) => code)).toEqual(['VALID', 'KEY_INVALID', 'RATE_LIMITED']);
  });

  test('a permission that the catalogue does not have fails the call', async () => {
    const { key } = await createKey();
    const call = subject.latchkey.keys.verifyMany([{ key }, { key, permissions: ['no-such:permission'] }]);
    expect(await failureOf(call)).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
    expect(await failureOf(createKey({ permissions: ['no-such:permission'] }))).toMatchObject({
      status: 400,
    });
  });

  test('require returns a valid key, and throws for a denied one', async () => {
    const { id, key } = await createKey();
    expect(await subject.latchkey.keys.require({ key, permissions: ['calls:read'] })).toMatchObject({ id });
    const denied = subject.latchkey.keys.require({ key, permissions: ['calls:write'] });
    expect(await failureOf(denied)).toBeInstanceOf(LatchkeyDeniedError);
  });

  test('a key never gives more than it has', async () => {
    const { key } = await createKey({ permissions: ['api-keys:write', 'calls:read'] });
    const create = (permissions: string[]) =>
      subject.client(key).keys.create({ name: 'child', userId: subject.userId, permissions });
    expect((await create(['calls:read'])).apiKey.permissions).toEqual(['calls:read']);
    expect(await failureOf(create(['calls:write']))).toMatchObject({ code: 'PERMISSION_ESCALATION' });
  });

  test('a key for verification verifies, and may do nothing else', async () => {
    const { key: verifier } = await createKey({ use: 'verify' });
    const { id, key } = await createKey();
    const { keys } = subject.client(verifier);
    expect((await keys.verify({ key })).code).toBe('VALID');
    expect((await keys.verifyMany([{ key }]))[0]?.code).toBe('VALID');
    expect(await failureOf(keys.list())).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(await failureOf(keys.get(id))).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(await failureOf(keys.revoke(id))).toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  test('a client is denied with the reason of its own key', async () => {
    const { id, key } = await createKey();
    const client = subject.client(key);
    expect((await client.me()).caller).toMatchObject({ kind: 'key', keyId: id, permissions: ['calls:read'] });
    expect(await client.keys.check({ permissions: ['calls:read'] })).toMatchObject({
      valid: true,
      name: 'k',
    });
    expect(await failureOf(client.keys.check({ permissions: ['calls:write'] }))).toEqual({
      ...{ status: 403, code: 'PERMISSION_DENIED', fields: ['calls:write'] },
    });
    expect(await failureOf(client.keys.verify({ key }))).toMatchObject({
      code: 'PERMISSION_DENIED',
      fields: ['api-keys:read'],
    });
    await subject.latchkey.keys.revoke(id);
    expect(await failureOf(client.me())).toMatchObject({ status: 401, code: 'KEY_REVOKED' });
    expect(await failureOf(client.keys.check())).toMatchObject({ status: 401, code: 'KEY_REVOKED' });
    expect(await failureOf(subject.client('nonsense').me())).toMatchObject({
      status: 401,
      code: 'KEY_INVALID',
    });
  });

  test('a list has the newest key first, without revoked ones unless asked for', async () => {
    const { total: before } = (await subject.latchkey.keys.list()).pagination;
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) {
      subject.advance(SECOND);
      ids.push((await createKey()).id);
    }
    await subject.latchkey.keys.revoke(ids[1] ?? '');
    const { apiKeys, pagination } = await subject.latchkey.keys.list({ limit: 2 });
    expect(apiKeys.map(({ id }) => id)).toEqual([ids[2], ids[0]]);
    const place = { limit: 2, offset: 0, hasNext: true, hasPrevious: false };
    expect(pagination).toMatchObject({ total: before + 2, ...place });
    const revoked = await subject.latchkey.keys.list({ status: 'revoked' });
    expect(revoked.apiKeys[0]?.id).toBe(ids[1]);
  });

  test('every key of a list is read page by page, also if each is revoked on the way', async () => {
    const { id: creator, key } = await createKey({ permissions: ['api-keys:write', 'calls:read'] });
    const { keys } = subject.client(key);
    const made: string[] = [];
    for (let count = 0; count < 5; count++) {
      subject.advance(1);
      made.push((await keys.create({ name: 'k', userId: subject.userId, permissions: [] })).apiKey.id);
    }
    const read: string[] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const place = cursor === undefined ? {} : { cursor };
      const page = await subject.latchkey.keys.list({ createdByKeyId: creator, limit: 2, ...place });
      for (const { id } of page.apiKeys) await subject.latchkey.keys.revoke(id);
      read.push(...page.apiKeys.map(({ id }) => id));
      cursor = page.pagination.nextCursor;
    }
    expect(read).toEqual(made.reverse());
  });

  test('a list has only the keys with a permission, of an owner, and with a creator', async () => {
    const { id, key } = await createKey({ permissions: ['api-keys:read', 'api-keys:write', 'roles:read'] });
    const { userId } = subject;
    const { apiKey: child } = await subject.client(key).keys.create({ name: 'child', userId });
    const idsOf = async (query: object) =>
      (await subject.latchkey.keys.list({ permission: 'roles:read', ...query })).apiKeys.map((one) => one.id);
    expect((await idsOf({ limit: 2 })).sort()).toEqual([child.id, id].sort());
    expect(await idsOf({ createdByKeyId: id })).toEqual([child.id]);
    expect(await idsOf({ createdByKeyId: id, userId })).toEqual([child.id]);
    expect(await idsOf({ createdByKeyId: id, userId: 'usr_other' })).toEqual([]);
    expect(await failureOf(subject.client(key).keys.list({ userId: 'usr_other' }))).toEqual({
      ...{ status: 403, code: 'PERMISSION_DENIED', fields: ['api-keys:manage-others'] },
    });
  });

  test('a key is created with at most the expiry and the limits of its creator, which are the defaults', async () => {
    const bounds = { expiresAt: inMs(HOUR), rateLimit: { requestsPerMinute: 5, requestsPerDay: 50 } };
    const { key } = await createKey({ permissions: ['api-keys:write'], ...bounds });
    const create = (options: Partial<NewKey>) =>
      subject.client(key).keys.create({ name: 'child', userId: subject.userId, ...options });
    expect((await create({ rateLimit: { requestsPerMinute: 2 } })).apiKey).toMatchObject({
      ...bounds,
      rateLimit: { requestsPerMinute: 2, requestsPerDay: 50 },
    });
    const above = { expiresAt: inMs(HOUR + 1), rateLimit: { requestsPerMinute: 6 } };
    expect(await failureOf(create(above))).toMatchObject({
      ...{ code: 'LIMIT_ESCALATION', fields: ['expiresAt', 'rateLimit.requestsPerMinute'] },
    });
    for (const unbounded of [{ expiresAt: null }, { rateLimit: null }])
      expect(await failureOf(create(unbounded))).toMatchObject({ code: 'LIMIT_ESCALATION' });
  });

  test('a key shows its secrets that work, with their part of the last hour, until the old one is ended', async () => {
    const { id, key } = await createKey();
    const { keys } = subject.latchkey;
    const { key: second = '' } = await keys.rotate(id, { overlapSeconds: 7_200 });
    const rotatedAt = subject.now();
    subject.advance(60 * SECOND);
    for (const secret of [key, second, second, second]) await keys.verify({ key: secret });
    await subject.settle();
    const secretsOf = async () => (await keys.get(id)).apiKey.secrets;
    expect(await secretsOf()).toMatchObject([
      { hint: expect.stringContaining(second.slice(-4)), endsAt: null, lastUsedAt: inMs(0), share: 0.75 },
      { hint: expect.stringContaining(key.slice(-4)), endsAt: new Date(rotatedAt + 2 * HOUR).toISOString() },
    ]);
    expect((await secretsOf())?.[1]?.share).toBe(0.25);
    expect(await keys.endOldSecret(id)).toMatchObject({ apiKey: { id }, ended: [] });
    expect([await codeOf(key), await codeOf(second)]).toEqual(['KEY_REVOKED', 'VALID']);
    expect(await secretsOf()).toHaveLength(1);
    await keys.endOldSecret(id);
    await keys.revoke(id);
    expect(await secretsOf()).toEqual([]);
  });

  test('the rates of keys count the last minutes, in the order of the ids', async () => {
    const { id, key } = await createKey();
    const { id: idle } = await createKey();
    await codeOf(key);
    await codeOf(key, { permissions: ['calls:write'] });
    subject.advance(6 * 60 * SECOND);
    await codeOf(key);
    await subject.settle();
    const { rates } = await subject.latchkey.keys.rates([idle, 'key_00000000000000000000000000', id]);
    const none = { allowed: 0, denied: 0 };
    expect(rates).toEqual([
      { id: idle, lastHour: none, lastFiveMinutes: none },
      { id, lastHour: { allowed: 2, denied: 1 }, lastFiveMinutes: { allowed: 1, denied: 0 } },
    ]);
  });

  test('usage counts the verdicts of a key and of all keys, by time and code', async () => {
    subject.advance(48 * HOUR);
    const { id, key } = await createKey({ name: 'Counted', rateLimit: { requestsPerMinute: 3 } });
    for (let count = 0; count < 5; count++) await codeOf(key);
    subject.advance(HOUR);
    await codeOf(key, { permissions: ['calls:write'] });
    await subject.settle();
    const { usage } = await subject.latchkey.keys.usage(id);
    expect(usage).toHaveLength(24);
    const counts = [
      { allowed: 3, denied: { RATE_LIMITED: 2 } },
      { allowed: 0, denied: { PERMISSION_DENIED: 1 } },
    ];
    expect(usage.slice(-2)).toMatchObject(counts);
    expect(Date.parse(usage.at(-1)?.at ?? '')).toBe(subject.now() - (subject.now() % HOUR));
    const all = await subject.latchkey.workspaces.usage({ granularity: 'day', limit: 1 });
    expect(all.usage).toHaveLength(30);
    const ofKey = {
      id,
      name: 'Counted',
      userId: subject.userId,
      key: expect.stringContaining(key.slice(-4)),
    };
    const hours = await subject.latchkey.workspaces.usage();
    expect(hours.keys[0]).toEqual({
      ...ofKey,
      allowed: 3,
      denied: { RATE_LIMITED: 2, PERMISSION_DENIED: 1 },
    });
    expect(hours.denials[0]).toEqual({ ...ofKey, code: 'RATE_LIMITED', count: 2 });
    expect(hours.usage.slice(-2)).toMatchObject(counts);
  });

  test('a bulk change changes each key on its own, and reports those that failed', async () => {
    const { id } = await createKey();
    const { id: revoked } = await createKey();
    const { keys } = subject.latchkey;
    await keys.revoke(revoked);
    const { updated, errors } = await keys.updateMany([
      { id, name: 'Renamed' },
      { id: revoked, name: 'Renamed' },
    ]);
    expect(updated).toMatchObject([{ id, name: 'Renamed' }]);
    expect(errors).toMatchObject([{ id: revoked, code: 'CONFLICT' }]);
    const missing = 'key_00000000000000000000000000';
    const result = await keys.revokeMany([id, missing], { reason: 'tidy' });
    expect(result).toMatchObject({ deleted: [id], errors: [{ id: missing, code: 'NOT_FOUND' }], ended: [] });
    expect((await keys.get(id)).apiKey).toMatchObject({ status: 'revoked', revokedReason: 'tidy' });
  });

  test('a dry run returns what the change would do, and changes nothing', async () => {
    const { id, key } = await createKey({ name: 'parent', permissions: ['api-keys:write', 'calls:read'] });
    const { apiKey: child } = await subject
      .client(key)
      .keys.create({ name: 'child', userId: subject.userId });
    const { keys } = subject.latchkey;
    const alone = await keys.revoke(id, { dryRun: true });
    expect(alone).toMatchObject({ apiKey: { id, status: 'revoked' }, livingDescendants: 1, ended: [] });
    expect(alone.affected).toMatchObject({
      total: 1,
      keys: [{ id, name: 'parent', userId: subject.userId }],
    });
    const cascade = await keys.revokeMany([id], { dryRun: true, cascade: true });
    expect(cascade.ended).toEqual([{ kind: 'api-key', id: child.id }]);
    expect(cascade.affected?.keys.map((one) => one.id).sort()).toEqual([id, child.id].sort());
    const { updated } = await keys.updateMany([{ id, isActive: false }], { dryRun: true });
    expect(updated).toMatchObject([{ id, status: 'disabled' }]);
    expect((await keys.get(id)).apiKey).toMatchObject({ status: 'active', name: 'parent' });
    expect(await codeOf(key)).toBe('VALID');
  });

  test.each([
    ['cascade', { cascade: true }],
    ['the reason COMPROMISED', { reason: 'compromised' }],
  ])('%s also revokes the keys that a key created', async (_name, options) => {
    const { id, key } = await createKey({ permissions: ['api-keys:write', 'calls:read'] });
    const body = { name: 'child', userId: subject.userId };
    const { apiKey, key: childKey = '' } = await subject.client(key).keys.create(body);
    const { apiKey: grandchild } = await subject.client(childKey).keys.create(body);
    expect(await subject.latchkey.keys.revoke(id)).toMatchObject({ livingDescendants: 2, ended: [] });
    expect(await codeOf(childKey)).toBe('VALID');
    const { id: other, key: otherKey } = await createKey({ permissions: ['api-keys:write'] });
    const { apiKey: derived } = await subject.client(otherKey).keys.create(body);
    const revoked = await subject.latchkey.keys.revoke(other, options);
    expect(revoked).toMatchObject({ livingDescendants: 0, ended: [{ kind: 'api-key', id: derived.id }] });
    expect((await subject.latchkey.keys.get(derived.id)).apiKey.status).toBe('revoked');
    for (const kept of [apiKey, grandchild])
      expect((await subject.latchkey.keys.get(kept.id)).apiKey.status).toBe('active');
  });

  test('a key may revoke itself, and needs a permission to revoke others', async () => {
    const { id, key } = await createKey({ permissions: ['api-keys:read'] });
    const { id: other } = await createKey();
    const { keys } = subject.client(key);
    expect(await failureOf(keys.revoke(other))).toMatchObject({ fields: ['api-keys:delete'] });
    expect(await failureOf(keys.revokeMany([other]))).toMatchObject({ fields: ['api-keys:delete'] });
    expect((await keys.revoke(id)).apiKey.status).toBe('revoked');
  });

  test('grantable names the permissions that the credential cannot give', async () => {
    const { key } = await createKey({ permissions: ['api-keys:write', 'calls:read'] });
    const { grantable } = await subject.client(key).permissions.grantable();
    expect(grantable).toMatchObject({ caller: { kind: 'key', userId: subject.userId } });
    const given = grantable.permissions.filter((one) => one.grantable).map((one) => one.id);
    expect(given.sort()).toEqual(['api-keys:write', 'calls:read']);
    expect(grantable.permissions.find((one) => one.id === 'calls:write')?.notHeldBy).toBe('caller');
    const ofOther = { userId: 'usr_other' };
    expect(await failureOf(subject.latchkey.permissions.grantable(ofOther))).toMatchObject({
      code: 'USER_NOT_FOUND',
    });
    expect(await failureOf(subject.client(key).permissions.grantable(ofOther))).toMatchObject({
      ...{ code: 'PERMISSION_DENIED', fields: ['api-keys:manage-others'] },
    });
  });

  test('system says that the service works, with one instance', async () => {
    const { system } = await subject.latchkey.system();
    expect(system).toMatchObject({ status: 'healthy', problems: [], instanceCount: 1 });
    expect(system.instances).toHaveLength(1);
  });

  test.each<[string, () => Partial<NewKey>, string]>([
    ['an empty name', () => ({ name: ' ' }), 'VALIDATION_FAILED'],
    ['another owner', () => ({ userId: 'usr_other' }), 'USER_NOT_FOUND'],
    ['an expiry in the past', () => ({ expiresAt: inMs(-1) }), 'EXPIRES_IN_PAST'],
    ['an expiry that is not an instant', () => ({ expiresAt: 'soon' }), 'VALIDATION_FAILED'],
    ['a verify key with permissions', () => ({ use: 'verify', permissions: [] }), 'VALIDATION_FAILED'],
  ])('a key with %s is not created', async (_name, options, code) => {
    expect(await failureOf(createKey(options()))).toMatchObject({ code });
  });

  test('a key that does not exist is NOT_FOUND', async () => {
    expect(await failureOf(subject.latchkey.keys.get('key_00000000000000000000000000'))).toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('only the double', () => {
  test('can be stopped, and then no call is answered', async () => {
    const double = new TestLatchkey();
    double.stop();
    await expect(double.latchkey.me()).rejects.toThrow('cannot be reached (TestLatchkey is stopped)');
    double.start();
    expect((await double.latchkey.me()).caller.userId).toBe(double.userId);
  });

  test('knows the permissions of your API, and has a clock that does not go back', async () => {
    const double = new TestLatchkey({ permissions: ['invoices:read'] });
    const body = { name: 'k', userId: double.userId, permissions: ['invoices:read'] };
    const { apiKey } = await double.latchkey.keys.create(body);
    expect(apiKey.permissions).toEqual(['invoices:read']);
    expect(() => double.clock.advance(-1)).toThrow(RangeError);
  });

  test('says which call, parameter or field it does not have', async () => {
    const { latchkey, userId } = new TestLatchkey();
    const { apiKey } = await latchkey.keys.create({ name: 'k', userId });
    const calls: [Promise<unknown>, string][] = [
      [latchkey.roles.list('ws_test'), 'GET /api/v2/workspaces/ws_test/roles'],
      [latchkey.invitations.resend('inv_1'), 'POST /api/v2/workspaces/invitations/inv_1/resend'],
      [latchkey.keys.explain(apiKey.id), `GET /api/v2/api-keys/${apiKey.id}/explain`],
      [latchkey.keys.list({ search: 'k' }), 'the parameter `search` of GET /api/v2/api-keys'],
      [
        latchkey.workspaces.usage({ from: '2027-01-31' }),
        'the parameter `from` of GET /api/v2/workspaces/usage',
      ],
      [latchkey.keys.rotate(apiKey.id, { cascade: true }), 'the field `cascade` of keys.rotate'],
    ];
    for (const [call, name] of calls)
      await expect(call).rejects.toThrow(`does not have ${name}: use the real service`);
  });
});
