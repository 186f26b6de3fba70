import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, startTestService, type TestService } from '../../../test/harness/test-service.ts';

const KEYS = '/api/v2/api-keys';

let service: TestService;

beforeEach(async () => {
  service = await startTestService();
});
afterEach(() => service.close());

function revoke(id: string, body?: unknown, as = service.owner.secret): Promise<Answer> {
  return service.call('DELETE', `${KEYS}/${id}`, { as, ...(body !== undefined && { body }) });
}

async function checks(secret: string): Promise<string> {
  const { body } = await service.call('GET', `${KEYS}/check`, { as: secret });
  return body.success ? 'VALID' : body.data.error.code;
}

/** A key, a key that it created (child), and a key that the child created. */
async function family() {
  const parent = await service.createKey();
  const child = await service.createKey({}, parent.key);
  const grandchild = await service.createKey({}, child.key);
  return { parent, child, grandchild };
}

describe('DELETE /api-keys/{id}', () => {
  test('revokes at once and returns the time, the reason and the number of active descendants', async () => {
    const { parent, child } = await family();
    const { status, body } = await revoke(parent.apiKey.id, { reason: ' No longer needed ' });
    expect(status).toBe(200);
    expect(body.data.result).toMatchObject({
      apiKey: { status: 'revoked', revokedAt: '2026-11-23T09:00:00.000Z', revokedReason: 'No longer needed' },
      effectiveBy: '2026-11-23T09:00:00.000Z',
      livingDescendants: 2,
    });
    expect(await checks(parent.key)).toBe('KEY_REVOKED');
    expect(await checks(child.key)).toBe('VALID');
  });

  test('with `wait`, the answer has the confirmation of the one instance; a dry run confirms nothing', async () => {
    const { apiKey } = await service.createKey();
    const url = `${KEYS}/${apiKey.id}?wait=true`;
    const as = service.owner.secret;
    const dry = await service.call('DELETE', `${url}&dryRun=true`, { as });
    expect(dry.body.data.result.instances).toBeUndefined();
    const { body } = await service.call('DELETE', url, { as });
    const confirmed = { id: expect.stringMatching(/^ins_/), confirmedAt: '2026-11-23T09:00:00.000Z' };
    expect(body.data.result.instances).toEqual([confirmed]);
  });

  test('a repeated call gets the same answer and changes nothing', async () => {
    const { apiKey } = await service.createKey();
    const first = await revoke(apiKey.id, { reason: 'first' });
    service.clock.advance(60_000);
    const second = await revoke(apiKey.id, { reason: 'second' });
    expect(second.body.data.result).toEqual(first.body.data.result);
  });

  test('cascade revokes all descendants of the key', async () => {
    const { parent, child, grandchild } = await family();
    const { body } = await revoke(parent.apiKey.id, { cascade: true });
    expect(body.data.result.livingDescendants).toBe(0);
    for (const { key } of [parent, child, grandchild]) expect(await checks(key)).toBe('KEY_REVOKED');
  });

  test('the reason COMPROMISED always cascades, even for a key that is revoked already', async () => {
    const { parent, grandchild } = await family();
    await revoke(parent.apiKey.id, { reason: 'COMPROMISED' });
    expect(await checks(grandchild.key)).toBe('KEY_REVOKED');
    const other = await family();
    await revoke(other.parent.apiKey.id);
    await revoke(other.parent.apiKey.id, { reason: 'COMPROMISED' });
    expect(await checks(other.grandchild.key)).toBe('KEY_REVOKED');
  });

  test('a key may revoke itself without any permission, but no other key', async () => {
    const { apiKey, key } = await service.createKey({ permissions: [] });
    const other = await service.createKey();
    const denied = await revoke(other.apiKey.id, undefined, key);
    expect([denied.status, denied.body.data.error.code]).toEqual([403, 'PERMISSION_DENIED']);
    expect(await checks(other.key)).toBe('VALID');
    expect((await revoke(apiKey.id, undefined, key)).status).toBe(200);
    expect(await checks(key)).toBe('KEY_REVOKED');
  });

  test("404 for another user's key without api-keys:manage-others, and it stays active", async () => {
    const { apiKey, key } = await service.createKey({ userId: await service.addMember() });
    const mine = await service.createKey({ permissions: ['api-keys:delete'] });
    expect((await revoke(apiKey.id, undefined, mine.key)).status).toBe(404);
    expect(await checks(key)).toBe('VALID');
  });

  test.each([{ reason: '' }, { reason: 'x'.repeat(201) }, { reason: 'a\nb' }, { reason: 5 }])(
    '400 for %j, and the key lives on',
    async (body) => {
      const { apiKey, key } = await service.createKey();
      expect((await revoke(apiKey.id, body)).status).toBe(400);
      expect(await checks(key)).toBe('VALID');
    },
  );
});

describe('DELETE /api-keys', () => {
  const revokeMany = (body: unknown, as = service.owner.secret) => service.call('DELETE', KEYS, { as, body });

  test('revokes each key and returns the ones that failed', async () => {
    const [one, two] = [await service.createKey(), await service.createKey()];
    const ids = [one.apiKey.id, 'key_unknown', two.apiKey.id, one.apiKey.id];
    const { status, body } = await revokeMany({ ids, reason: 'Clean-up' });
    expect(status).toBe(200);
    expect(body.data.result).toMatchObject({
      deleted: [one.apiKey.id, two.apiKey.id],
      errors: [
        { id: 'key_unknown', code: 'NOT_FOUND' },
        { id: one.apiKey.id, code: 'CONFLICT' },
      ],
      effectiveBy: '2026-11-23T09:00:00.000Z',
    });
    for (const { key } of [one, two]) expect(await checks(key)).toBe('KEY_REVOKED');
  });

  test('400 for no ids, and for 201', async () => {
    expect((await revokeMany({ ids: [] })).status).toBe(400);
    expect(
      (await revokeMany({ ids: Array.from({ length: 201 }, (_, index) => `key_${index}`) })).status,
    ).toBe(400);
  });
});
