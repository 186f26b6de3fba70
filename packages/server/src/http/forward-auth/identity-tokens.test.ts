import { randomBytes } from 'node:crypto';
import { FORWARD_AUTH_PATH, JWKS_PATH } from '@latchkey/contract';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inject } from '../../../test/harness/inject.ts';
import { TestClock } from '../../../test/harness/test-clock.ts';
import { PUBLIC_URL, startTestService, type TestService } from '../../../test/harness/test-service.ts';
import { Keyring } from '../../domain/shared/keyring.ts';
import { IdentityTokens } from './identity-tokens.ts';

const DAY_MS = 86_400_000;

let service: TestService;
let verifier: string;
beforeAll(async () => {
  service = await startTestService();
  verifier = (await service.createKey({ use: 'verify' })).key;
});
afterAll(() => service.close());

async function ask(as: string, query = '?identityToken=true'): Promise<string> {
  const headers = { 'latchkey-verifier': verifier };
  const answer = await service.call('GET', FORWARD_AUTH_PATH + query, { as, headers });
  expect(answer.status).toBe(200);
  return String(answer.headers['x-latchkey-identity-token']);
}

async function keySet(): Promise<JSONWebKeySet> {
  const response = await inject(service.app, { method: 'GET', url: JWKS_PATH, headers: { host: 'test' } });
  expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
  return JSON.parse(response.body);
}

/** Verifies a token as an API does: with the published keys, the issuer and the workspace. */
async function verify(token: string, keys?: JSONWebKeySet) {
  const options = {
    issuer: PUBLIC_URL,
    audience: service.owner.workspaceId,
    algorithms: ['EdDSA'],
    currentDate: new Date(service.clock.now()),
  };
  return (await jwtVerify(token, createLocalJWKSet(keys ?? (await keySet())), options)).payload;
}

describe('an identity token', () => {
  test('verifies with the published keys, and names the key, its owner and its permissions', async () => {
    const { apiKey, key } = await service.createKey({ permissions: ['calls:read', 'calls:write'] });
    expect(await verify(await ask(key))).toMatchObject({
      sub: service.owner.userId,
      keyId: apiKey.id,
      permissions: ['calls:read', 'calls:write'],
    });
  });

  test('is sent only if the gateway asks for it; the header is set without a value otherwise', async () => {
    const { key } = await service.createKey();
    expect(await ask(key, '')).toBe('');
    expect(await ask(key, '?identityToken=false')).toBe('');
  });

  test('is valid for a minute at most, and for half a minute at least', async () => {
    const { key } = await service.createKey({ permissions: [] });
    // The first call loads the key into the cache.
    await ask(key);
    const token = await ask(key);
    service.clock.advance(28_000);
    expect(await ask(key)).toBe(token);
    service.clock.advance(2_000);
    expect(await ask(key)).not.toBe(token);
    await verify(token);
    service.clock.advance(30_000);
    await expect(verify(token)).rejects.toThrow(/exp/);
  });

  test('of another pepper does not verify', async () => {
    const { keyring, clock } = {
      keyring: new Keyring(randomBytes(32)),
      clock: new TestClock(service.clock.now()),
    };
    const others = await new IdentityTokens({ keyring, clock, publicUrl: () => PUBLIC_URL }).keySet();
    const { key } = await service.createKey();
    const token = await ask(key);
    await expect(verify(token, others as JSONWebKeySet)).rejects.toThrow(/no applicable key/);
  });

  test('is signed with another key every 30 days, which was published a period before and stays for a period after', async () => {
    const { key } = await service.createKey();
    const before = { token: await ask(key), keys: await keySet() };
    service.clock.advance(30 * DAY_MS);
    const token = await ask(key);
    expect(decodeProtectedHeader(token).kid).not.toBe(decodeProtectedHeader(before.token).kid);
    await verify(token, before.keys);
    const kids = (await keySet()).keys.map(({ kid }) => kid);
    expect(kids).toContain(decodeProtectedHeader(before.token).kid);
    service.clock.advance(30 * DAY_MS);
    await expect(verify(await ask(key), before.keys)).rejects.toThrow(/no applicable key/);
  });

  test('has a key that no answer reveals: the published keys are public', async () => {
    for (const { d, kty, crv, use } of (await keySet()).keys)
      expect({ d, kty, crv, use }).toEqual({ d: undefined, kty: 'OKP', crv: 'Ed25519', use: 'sig' });
  });
});
