import { SYSTEM_ROLES } from '@latchkey/contract';
import { generateKeyPair, UnsecuredJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AUDIENCE, type Forgery, WORKSPACE_CLAIM } from '../../../test/harness/identity-provider.ts';
import {
  ADA,
  type IdentityService,
  outcomeOf,
  startIdentityService,
} from '../../../test/harness/identity-service.ts';
import { startTestService } from '../../../test/harness/test-service.ts';

let service: IdentityService;

beforeEach(async () => {
  service = await startIdentityService();
});
afterEach(() => service.close());

const JWT_OF_NOBODY = new UnsecuredJWT({
  iss: 'i',
  aud: AUDIENCE,
  sub: 'ada',
  email: ADA,
  email_verified: true,
});
const seconds = (offset: number): number => Math.floor(Date.now() / 1_000) + offset;

describe('a token of the identity provider', () => {
  test('authenticates its member, with the current permissions of the role', async () => {
    const userId = await service.invite();
    const token = await service.idp.tokenFor('ada');
    const { workspaceId, secret: as } = service.owner;
    const { permissions } = SYSTEM_ROLES.Viewer;
    expect((await service.me(token)).body.data.result.caller).toEqual({
      ...{ kind: 'token', userId, workspaceId, permissions },
    });

    const role = await service.storage.roles.findByName(workspaceId, 'Member');
    const url = `/api/v2/workspaces/${workspaceId}/members/${userId}`;
    await service.call('PUT', url, { as, body: { roleId: role?.id } });
    expect((await service.me(token)).body.data.result.caller.permissions).toEqual(
      SYSTEM_ROLES.Member.permissions,
    );
  });

  test('changes are recorded in the audit log under its member', async () => {
    const userId = await service.invite(ADA, 'Member');
    const as = await service.idp.tokenFor('ada');
    const created = await service.call('POST', '/api/v2/api-keys', { as, body: { name: 'k', userId } });
    expect(created.status).toBe(201);
    const { apiKey } = created.body.data.result;
    expect(apiKey.createdBy).toEqual({ kind: 'token', userId, keyId: null });
    const page = { sortOrder: 'desc', limit: 2, offset: 0, after: null } as const;
    const { items: entries } = await service.storage.audit.list(service.owner.workspaceId, {}, page);
    expect(entries).toMatchObject([
      { eventType: 'api-key.created', actorId: userId, actorEmail: ADA, credential: { kind: 'token' } },
      { eventType: 'member.identity-linked', after: { issuer: service.idp.issuer, subject: 'ada' } },
    ]);
  });

  test('is denied a permission that the role does not have', async () => {
    const userId = await service.invite(ADA, 'Viewer');
    const as = await service.idp.tokenFor('ada');
    const answer = await service.call('POST', '/api/v2/api-keys', { as, body: { name: 'k', userId } });
    expect(outcomeOf(answer)).toEqual([403, 'PERMISSION_DENIED']);
  });

  test('cannot create a sign-in link, whose session would outlive the token', async () => {
    await service.invite(ADA, 'Owner');
    const answer = await service.call('POST', '/api/v2/sign-in-links', {
      as: await service.idp.tokenFor('ada'),
    });
    expect(outcomeOf(answer)).toEqual([403, 'PERMISSION_DENIED']);
  });

  test('is not an API key: it cannot be checked or verified', async () => {
    await service.invite();
    const as = await service.idp.tokenFor('ada');
    expect(outcomeOf(await service.call('GET', '/api/v2/api-keys/check', { as }))).toEqual([
      401,
      'KEY_INVALID',
    ]);
  });

  test('is never repeated in logs or answers, and is denied in a URL', async () => {
    await service.invite();
    const token = await service.idp.tokenFor('ada');
    await service.me(token);
    for (const url of [`/api/v2/me?t=${token}`, `/api/v2/api-keys/${token}`]) {
      const answer = await service.call('GET', url, { as: token });
      expect(outcomeOf(answer)).toEqual([400, 'CREDENTIALS_IN_URL']);
    }
    const named = await service.call('POST', '/api/v2/api-keys/verify', {
      as: service.owner.secret,
      body: { key: token, permissions: [token] },
    });
    const [, claims = '', signature = ''] = token.split('.');
    for (const text of [...service.logs, JSON.stringify(named.body)]) {
      expect(text).not.toContain(claims);
      expect(text).not.toContain(signature);
    }
  });

  test('is invalid for a service without an identity provider', async () => {
    const alone = await startTestService();
    const answer = await alone.call('GET', '/api/v2/me', { as: await service.idp.tokenFor('ada') });
    expect(outcomeOf(answer)).toEqual([401, 'KEY_INVALID']);
    await alone.close();
  });
});

describe('an invalid token is denied with 401', () => {
  const cases: Record<string, [code: string, message: RegExp, forged: () => Forgery]> = {
    'for another audience': [
      'TOKEN_INVALID',
      /audience urn:latchkey:test/,
      () => ({ claims: { aud: 'other' } }),
    ],
    'without an audience': [
      'TOKEN_INVALID',
      /audience urn:latchkey:test/,
      () => ({ claims: { aud: undefined } }),
    ],
    'of another issuer': [
      'TOKEN_INVALID',
      /another issuer/,
      () => ({ claims: { iss: 'https://evil.example' } }),
    ],
    expired: ['TOKEN_EXPIRED', /expired/, () => ({ claims: { exp: seconds(-31) } })],
    'without an expiry': ['TOKEN_INVALID', /claim exp/, () => ({ claims: { exp: undefined } })],
    'not valid yet': ['TOKEN_INVALID', /not valid yet/, () => ({ claims: { nbf: seconds(60) } })],
    'without a subject': ['TOKEN_INVALID', /claim sub/, () => ({ claims: { sub: undefined } })],
    'with a subject that is not a string': ['TOKEN_INVALID', /claim sub/, () => ({ claims: { sub: 7 } })],
    'with a subject that is too long': [
      'TOKEN_INVALID',
      /claim sub/,
      () => ({ claims: { sub: 'x'.repeat(256) } }),
    ],
    'with a list of workspaces in the claim': [
      'TOKEN_INVALID',
      /claim latchkey_workspace/,
      () => ({ claims: { [WORKSPACE_CLAIM]: ['ws_1'] } }),
    ],
    'of a type that is not accepted': [
      'TOKEN_INVALID',
      /type logout\+jwt/,
      () => ({ header: { typ: 'logout+jwt' } }),
    ],
    'with a key that the provider does not publish': [
      'TOKEN_INVALID',
      /does not publish/,
      () => ({ header: { kid: 'other' } }),
    ],
    'signed with the public key as an HMAC secret': [
      'TOKEN_INVALID',
      /must be signed with one of/,
      () => ({ header: { alg: 'HS256' }, key: Buffer.from(JSON.stringify(service.idp.publicKey)) }),
    ],
  };

  test.each(Object.entries(cases))('%s', async (_name, [code, message, forged]) => {
    await service.invite();
    const before = await service.storage.audit.head(service.owner.workspaceId);
    const answer = await service.me(await service.idp.forge('ada', forged()));
    expect(outcomeOf(answer)).toEqual([401, code]);
    expect(answer.body.data.message).toMatch(message);
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
    expect(await service.storage.audit.head(service.owner.workspaceId)).toEqual(before);
  });

  test('signed with another key under the id of a published one', async () => {
    await service.invite();
    const { privateKey } = await generateKeyPair('ES256');
    const answer = await service.me(await service.idp.forge('ada', { key: privateKey }));
    expect(outcomeOf(answer)).toEqual([401, 'TOKEN_INVALID']);
    expect(answer.body.data.message).toBe('The signature of the token is wrong');
  });

  test('not signed at all', async () => {
    await service.invite();
    const unsigned = JWT_OF_NOBODY.setIssuer(service.idp.issuer).setExpirationTime('5m').encode();
    expect(outcomeOf(await service.me(unsigned))).toEqual([401, 'TOKEN_INVALID']);
  });

  test('with claims that were changed after signing', async () => {
    await service.invite();
    const [header, , signature] = (await service.idp.tokenFor('ada')).split('.');
    const [, claims] = (await service.idp.forge('ada', { claims: { sub: 'owner' } })).split('.');
    expect(outcomeOf(await service.me([header, claims, signature].join('.')))).toEqual([
      401,
      'TOKEN_INVALID',
    ]);
  });

  test('but the same token without a fault is accepted, and one within the clock tolerance', async () => {
    await service.invite();
    expect(outcomeOf(await service.me(await service.idp.forge('ada', {})))).toEqual([200, 'ok']);
    const late = await service.idp.forge('ada', { claims: { exp: seconds(-20), nbf: seconds(20) } });
    expect(outcomeOf(await service.me(late))).toEqual([200, 'ok']);
  });
});

describe('the keys of the provider', () => {
  afterEach(() => void vi.useRealTimers());

  /** Moves the system time, which the reader of the keys uses. */
  function wait(ms: number): void {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
    service.clock.advance(ms);
  }

  test('can be changed without a restart: the new key is accepted, the old one is not', async () => {
    await service.invite();
    const old = await service.idp.tokenFor('ada');
    expect(outcomeOf(await service.me(old))).toEqual([200, 'ok']);
    await service.idp.rotate();
    wait(6_000);
    expect(outcomeOf(await service.me(await service.idp.tokenFor('ada')))).toEqual([200, 'ok']);
    expect(outcomeOf(await service.me(old))).toEqual([401, 'TOKEN_INVALID']);
  });

  test('are accepted for at most ten minutes after they were withdrawn, regardless of the traffic', async () => {
    await service.invite();
    const claims = { exp: seconds(3_600) };
    const old = await service.idp.forge('ada', { claims });
    expect(outcomeOf(await service.me(old))).toEqual([200, 'ok']);
    await service.idp.rotate();
    wait(9 * 60_000);
    expect(outcomeOf(await service.me(old))).toEqual([200, 'ok']);
    wait(61_000);
    expect(outcomeOf(await service.me(old))).toEqual([401, 'TOKEN_INVALID']);
  });

  test('are not fetched for every token with an unknown key id', async () => {
    await service.invite();
    for (let i = 0; i < 20; i++)
      await service.me(await service.idp.forge('ada', { header: { kid: `unknown-${i}` } }));
    expect(service.idp.keyReads).toBe(1);
  });

  test('are cached for up to a day while the provider does not answer; only unknown key ids are UNAVAILABLE', async () => {
    await service.invite();
    const claims = { exp: seconds(2 * 86_400) };
    const known = await service.idp.forge('ada', { claims });
    expect(outcomeOf(await service.me(known))).toEqual([200, 'ok']);
    service.idp.isAnswering = false;
    wait(3_600_000);
    const unknown = await service.idp.forge('ada', { claims, header: { kid: 'unknown' } });
    expect(outcomeOf(await service.me(known))).toEqual([200, 'ok']);
    expect(outcomeOf(await service.me(unknown))).toEqual([503, 'UNAVAILABLE']);
    wait(23 * 3_600_000);
    expect(outcomeOf(await service.me(known))).toEqual([503, 'UNAVAILABLE']);
    service.idp.isAnswering = true;
    wait(5_000);
    expect(outcomeOf(await service.me(known))).toEqual([200, 'ok']);
    expect(outcomeOf(await service.me(unknown))).toEqual([401, 'TOKEN_INVALID']);
  });

  test('of a provider that never answered are UNAVAILABLE, and API keys still work', async () => {
    await service.invite();
    service.idp.isAnswering = false;
    const token = await service.idp.tokenFor('ada');
    expect(outcomeOf(await service.me(token))).toEqual([503, 'UNAVAILABLE']);
    expect(outcomeOf(await service.me(service.owner.secret))).toEqual([200, 'ok']);
    service.idp.isAnswering = true;
    wait(5_000);
    expect(outcomeOf(await service.me(token))).toEqual([200, 'ok']);
  });
});
