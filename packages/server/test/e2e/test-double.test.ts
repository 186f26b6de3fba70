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

  test('says which call it does not have', async () => {
    const { latchkey } = new TestLatchkey();
    await expect(latchkey.roles.list('ws_test')).rejects.toThrow(
      'does not have GET /api/v2/workspaces/ws_test/roles',
    );
  });
});
