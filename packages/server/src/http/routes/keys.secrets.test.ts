import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, startTestService, type TestService } from '../../../test/harness/test-service.ts';

const KEYS = '/api/v2/api-keys';
const MINUTE_MS = 60_000;

let service: TestService;

beforeEach(async () => {
  service = await startTestService();
});
afterEach(() => service.close());

const call = (method: string, path: string, as = service.owner.secret, body?: unknown): Promise<Answer> =>
  service.call(method, `${KEYS}${path}`, { as, ...(body !== undefined && { body }) });

async function secretsOf(id: string): Promise<Answer['body'][]> {
  return (await call('GET', `/${id}`)).body.data.result.apiKey.secrets;
}

async function check(secret: string, times = 1): Promise<string> {
  let code = '';
  for (let time = 0; time < times; time++) {
    const { body } = await call('GET', '/check', secret);
    code = body.success ? 'VALID' : body.data.error.code;
  }
  return code;
}

/** A rotated key, with both of its secrets. */
async function rotatedKey() {
  const { apiKey, key: old } = await service.createKey();
  const { body } = await call('POST', `/${apiKey.id}/rotate`, service.owner.secret, {
    overlapSeconds: 7_200,
  });
  return { id: apiKey.id as string, old, present: body.data.result.key as string };
}

const hintOf = (secret: string) => `lk_live_…${secret.slice(-4)}`;

/** An instant of the service, `afterMs` milliseconds from now. */
const instant = (afterMs = 0) => new Date(service.clock.now() + afterMs).toISOString();

describe('GET /api-keys/{id} shows the secrets that work', () => {
  test('one, without an end, of a key that was not rotated', async () => {
    const { apiKey, key } = await service.createKey();
    const secret = { hint: hintOf(key), createdAt: apiKey.createdAt, endsAt: null };
    expect(await secretsOf(apiKey.id)).toEqual([{ ...secret, lastUsedAt: null, share: null }]);
    await check(key);
    await service.flush();
    expect(await secretsOf(apiKey.id)).toEqual([{ ...secret, lastUsedAt: instant(), share: 1 }]);
  });

  test('the old one with its end, its last use and its share of the requests since the rotation', async () => {
    const { id, old, present } = await rotatedKey();
    const rotatedAt = instant();
    await check(old);
    service.clock.advance(MINUTE_MS);
    await check(old);
    const oldUsedAt = instant();
    await check(present, 3);
    await service.flush();
    expect(await secretsOf(id)).toEqual([
      { hint: hintOf(present), createdAt: rotatedAt, endsAt: null, lastUsedAt: instant(), share: 0.75 },
      {
        hint: hintOf(old),
        createdAt: rotatedAt,
        endsAt: instant(7_200_000 - MINUTE_MS),
        lastUsedAt: oldUsedAt,
        share: 0.25,
      },
    ]);
    service.clock.advance(60 * MINUTE_MS);
    expect((await secretsOf(id)).map(({ share }) => share)).toEqual([null, null]);
    await check(present);
    await service.flush();
    expect((await secretsOf(id)).map(({ share }) => share)).toEqual([1, 0]);
  });

  test('uses before the rotation are uses of the old secret, and are not in its share', async () => {
    const { apiKey, key } = await service.createKey();
    await check(key, 5);
    const usedAt = instant();
    await service.flush();
    service.clock.advance(MINUTE_MS);
    await call('POST', `/${apiKey.id}/rotate`);
    service.clock.advance(MINUTE_MS);
    const secrets = await secretsOf(apiKey.id);
    expect(secrets.map(({ lastUsedAt, share }) => [lastUsedAt, share])).toEqual([
      [null, null],
      [usedAt, null],
    ]);
  });

  test('a denied call is not a use, and a call to the service is one without a share', async () => {
    const { id, old } = await rotatedKey();
    service.clock.advance(MINUTE_MS);
    await service.call('GET', '/api/v2/me', { as: old });
    const usedAt = instant();
    service.clock.advance(MINUTE_MS);
    await call('GET', '/check?permissions=calls:read&cost=0', old);
    await call('PATCH', `/${id}`, service.owner.secret, { isActive: false });
    service.clock.advance(1);
    expect(await check(old)).toBe('KEY_DISABLED');
    await service.flush();
    const [, secret] = await secretsOf(id);
    expect(secret.share).toBe(1);
    expect(secret.lastUsedAt).not.toBe(instant());
    expect(secret.lastUsedAt > usedAt).toBe(true);
  });

  test('only the present one once the old one has ended, and none of a revoked key', async () => {
    const { id } = await rotatedKey();
    service.clock.advance(7_200_000);
    expect(await secretsOf(id)).toHaveLength(1);
    await call('DELETE', `/${id}`);
    expect(await secretsOf(id)).toEqual([]);
  });

  test('no other answer has them, and none contains a digest or a whole secret', async () => {
    const { id, old, present } = await rotatedKey();
    const { body } = await call('GET', '');
    for (const apiKey of body.data.result.apiKeys) expect(apiKey).not.toHaveProperty('secrets');
    const text = JSON.stringify((await call('GET', `/${id}`)).body);
    for (const secret of [old, present, service.keyring.digest(old), service.keyring.digest(present)])
      expect(text).not.toContain(secret);
  });
});

describe('DELETE /api-keys/{id}/secrets/old', () => {
  test('ends the old secret at once, with what it made; the present one and its version go on', async () => {
    const { id, old, present } = await rotatedKey();
    const made = await service.createKey({ name: 'made' }, old);
    await service.call('POST', '/api/v2/sign-in-links', { as: old });
    const { status, body } = await call('DELETE', `/${id}/secrets/old`);
    expect(status).toBe(200);
    expect(body.data.result).toMatchObject({ effectiveBy: instant(), ended: [{ kind: 'sign-in-link' }] });
    expect([await check(old), await check(present), await check(made.key)]).toEqual([
      'KEY_REVOKED',
      'VALID',
      'VALID',
    ]);
    expect((await call('GET', `/${id}`)).headers.etag).toBe('"3"');
    expect(await secretsOf(id)).toHaveLength(1);
  });

  test('leaves an entry with what ended; a repeated call changes nothing', async () => {
    const { id } = await rotatedKey();
    await call('DELETE', `/${id}/secrets/old`);
    const again = await call('DELETE', `/${id}/secrets/old`);
    expect([again.status, again.body.data.result.ended]).toEqual([200, []]);
    const query = `eventType=api-key.old-secret-ended&targetId=${id}`;
    const { body } = await service.call('GET', `/api/v2/workspaces/logs?${query}`, {
      as: service.owner.secret,
    });
    expect(body.data.result.pagination.total).toBe(1);
    expect((await call('GET', `/${id}`)).headers.etag).toBe('"3"');
  });

  test('404 for a key that the caller may not see', async () => {
    const { id, old } = await rotatedKey();
    await call('PATCH', `/${id}`, service.owner.secret, { name: 'Renamed' });
    const userId = await service.addMember('Member');
    const { key } = await service.createKey({ userId, permissions: ['api-keys:write', 'api-keys:read'] });
    expect((await call('DELETE', `/${id}/secrets/old`, key)).status).toBe(404);
    expect(await check(old)).toBe('VALID');
  });
});

describe('GET /api-keys', () => {
  const found = async (query: string, as = service.owner.secret) =>
    (await call('GET', `?${query}`, as)).body.data.result.apiKeys.map(({ id }: { id: string }) => id);

  test('search finds a key by the hint and the last four characters of its old secret', async () => {
    const { id, old, present } = await rotatedKey();
    for (const text of [old.slice(-4), hintOf(old), present.slice(-4), hintOf(present)])
      expect(await found(`search=${encodeURIComponent(text)}`)).toContain(id);
    await call('DELETE', `/${id}/secrets/old`);
    expect(await found(`search=${old.slice(-4)}`)).toContain(id);
  });

  test('createdByKeyId returns the keys that a key made, of those that the caller may see', async () => {
    const parent = await service.createKey();
    const child = await service.createKey({}, parent.key);
    const revoked = await service.createKey({}, parent.key);
    await service.createKey({}, child.key);
    await call('DELETE', `/${revoked.apiKey.id}`);
    const query = `createdByKeyId=${parent.apiKey.id}`;
    expect(await found(query)).toEqual([child.apiKey.id]);
    expect(await found(`${query}&status=revoked`)).toEqual([revoked.apiKey.id]);
    const userId = await service.addMember('Viewer');
    const { key } = await service.createKey({ userId, permissions: ['api-keys:read'] });
    expect(await found(query, key)).toEqual([]);
    expect((await call('GET', '?createdByKeyId=')).status).toBe(400);
  });
});
