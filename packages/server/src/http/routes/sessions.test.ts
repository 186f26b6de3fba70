import { PERMISSIONS, SESSION_COOKIE } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inject } from '../../../test/harness/inject.ts';
import {
  type Answer,
  type CallOptions,
  PUBLIC_URL,
  startTestService,
  type TestService,
} from '../../../test/harness/test-service.ts';

const ME = '/api/v2/me';
const LINKS = '/api/v2/sign-in-links';
const SESSIONS = '/api/v2/sessions';
const MINUTE_MS = 60_000;

let service: TestService;

beforeEach(async () => {
  service = await startTestService();
});
afterEach(() => service.close());

const post = (url: string, options: CallOptions = {}) => service.call('POST', url, options);

/** The token of a new sign-in link for the owner of the key. */
async function linkToken(as = service.owner.secret): Promise<string> {
  const { status, body } = await post(LINKS, { as });
  expect(status).toBe(201);
  return new URL(body.data.result.signInLink.url).hash.slice(1);
}

function code({ status, body }: Answer): string {
  return body.success ? String(status) : `${status} ${body.data.error.code}`;
}

async function me(session: string): Promise<string> {
  return code(await service.call('GET', ME, { session }));
}

function tokenIn({ headers }: Answer): string {
  return new RegExp(`^${SESSION_COOKIE}=([^;]+)`).exec(String(headers['set-cookie']))?.[1] ?? '';
}

function membersUrl(userId: string): string {
  return `/api/v2/workspaces/${service.owner.workspaceId}/members/${userId}`;
}

describe('POST /sign-in-links', () => {
  test('returns a URL with the token in its fragment (#), which browsers do not send', async () => {
    const { headers, body } = await post(LINKS, { as: service.owner.secret });
    const { url, expiresAt } = body.data.result.signInLink;
    expect(url).toMatch(/^https:\/\/latchkey\.test\/sign-in#lk_signin_[0-9A-Za-z]{49}$/);
    expect(headers.location).toBe('https://latchkey.test/sign-in');
    expect(Date.parse(expiresAt) - service.clock.now()).toBe(15 * MINUTE_MS);
  });

  test('403 for a key with fewer permissions than its owner, naming the missing ones', async () => {
    const permissions = PERMISSIONS.filter((permission) => permission !== 'billing:manage');
    const { key } = await service.createKey({ permissions });
    const answer = await post(LINKS, { as: key });
    expect(code(answer)).toBe('403 PERMISSION_DENIED');
    expect(answer.body.data.error.details).toMatchObject([{ field: 'billing:manage' }]);
  });

  test.each([
    ['expires', { expiresAt: '2030-01-01' }],
    ['has a limit', { rateLimit: { requestsPerMinute: 1, requestsPerDay: null } }],
  ])('403 for a key that %s, since a session would not have this limit', async (_what, bound) => {
    const { key } = await service.createKey(bound);
    expect(code(await post(LINKS, { as: key }))).toBe('403 PERMISSION_DENIED');
  });

  test('403 for a session, which could extend itself without an end that way', async () => {
    expect(code(await post(LINKS, { session: await service.signIn() }))).toBe('403 PERMISSION_DENIED');
  });
});

describe('POST /sessions', () => {
  test('sets a cookie that is Secure, HttpOnly and SameSite=Strict', async () => {
    const answer = await post(SESSIONS, { body: { token: await linkToken() } });
    expect(code(answer)).toBe('201');
    const [, ...attributes] = String(answer.headers['set-cookie']).split('; ');
    expect(attributes).toEqual(['Max-Age=43200', 'Path=/', 'HttpOnly', 'Secure', 'SameSite=Strict']);
    const { body } = await service.call('GET', ME, { session: tokenIn(answer) });
    const { userId, workspaceId } = service.owner;
    expect(body.data.result.caller).toEqual({
      kind: 'session',
      userId,
      workspaceId,
      permissions: [...PERMISSIONS],
    });
    expect(JSON.stringify(answer.body)).not.toContain(tokenIn(answer));
  });

  test('each sign-in has a new token', async () => {
    const tokens = new Set<string>();
    for (let round = 0; round < 3; round++)
      tokens.add(tokenIn(await post(SESSIONS, { body: { token: await linkToken() } })));
    expect(tokens.size).toBe(3);
  });

  test('the same 404 for a token that was used, was replaced, never existed, or is malformed', async () => {
    const replaced = await linkToken();
    const used = await linkToken();
    await post(SESSIONS, { body: { token: used } });
    const texts = new Set<string>();
    for (const token of [replaced, used, `${used.slice(0, -1)}~`, 'x', service.owner.secret]) {
      const answer = await post(SESSIONS, { body: { token } });
      expect(code(answer)).toBe('404 NOT_FOUND');
      expect(answer.headers).not.toHaveProperty('set-cookie');
      texts.add(JSON.stringify(answer.body).replaceAll(/req_\w+/g, 'REQUEST'));
    }
    expect(texts.size).toBe(1);
  });

  test('404 after 15 minutes', async () => {
    const token = await linkToken();
    service.clock.advance(15 * MINUTE_MS);
    expect(code(await post(SESSIONS, { body: { token } }))).toBe('404 NOT_FOUND');
  });

  test.each(['revoked', 'switched off'])('404 if the key that created the link was %s', async (end) => {
    const { apiKey, key } = await service.createKey();
    const token = await linkToken(key);
    const url = `/api/v2/api-keys/${apiKey.id}`;
    const as = service.owner.secret;
    if (end === 'revoked') await service.call('DELETE', url, { as });
    else await service.call('PATCH', url, { as, body: { isActive: false } });
    expect(code(await post(SESSIONS, { body: { token } }))).toBe('404 NOT_FOUND');
  });

  test.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: PUBLIC_URL, 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('403 from a page of another origin (%o), and the link stays valid', async (headers) => {
    const token = await linkToken();
    expect(code(await post(SESSIONS, { body: { token }, headers }))).toBe('403 ORIGIN_REFUSED');
    expect(code(await post(SESSIONS, { body: { token }, headers: { origin: PUBLIC_URL } }))).toBe('201');
  });

  test('429 with Retry-After from the eleventh failure of an address on; a valid link still works', async () => {
    const token = await linkToken();
    for (let failure = 1; failure <= 10; failure++)
      expect(code(await post(SESSIONS, { body: { token: 'bad' } }))).toBe('404 NOT_FOUND');
    const eleventh = await post(SESSIONS, { body: { token: 'bad' } });
    expect(code(eleventh)).toBe('429 RATE_LIMITED');
    expect(Number(eleventh.headers['retry-after'])).toBeGreaterThan(0);
    expect(code(await post(SESSIONS, { body: { token } }))).toBe('201');
  });
});

describe('a session as credential', () => {
  test('has the current permissions of its member’s role', async () => {
    const userId = await service.addMember('Viewer');
    const session = await service.signIn(userId);
    const body = { name: 'key', userId };
    expect(code(await post('/api/v2/api-keys', { session, body }))).toBe('403 PERMISSION_DENIED');
    const admin = await service.storage.roles.findByName(service.owner.workspaceId, 'Admin');
    const as = service.owner.secret;
    await service.call('PUT', membersUrl(userId), { as, body: { roleId: admin?.id } });
    expect(code(await post('/api/v2/api-keys', { session, body }))).toBe('201');
  });

  test('never has more permissions than the key that created its link', async () => {
    const userId = await service.addMember('Viewer');
    const { key } = await service.createKey({ userId });
    const claimed = await post(SESSIONS, { body: { token: await linkToken(key) } });
    const session = tokenIn(claimed);
    const admin = await service.storage.roles.findByName(service.owner.workspaceId, 'Admin');
    const as = service.owner.secret;
    await service.call('PUT', membersUrl(userId), { as, body: { roleId: admin?.id } });
    const body = { name: 'key', userId };
    expect(code(await post('/api/v2/api-keys', { session, body }))).toBe('403 PERMISSION_DENIED');
  });

  test('401 after 30 minutes without a call, and not before', async () => {
    const session = await service.signIn();
    for (let call = 0; call < 3; call++) {
      service.clock.advance(29 * MINUTE_MS);
      expect(await me(session)).toBe('200');
    }
    service.clock.advance(30 * MINUTE_MS);
    expect(await me(session)).toBe('401 SESSION_INVALID');
  });

  test('401 after 12 hours, even if it is in use', async () => {
    const session = await service.signIn();
    for (let call = 0; call < 35; call++) {
      service.clock.advance(20 * MINUTE_MS);
      expect(await me(session)).toBe('200');
    }
    service.clock.advance(20 * MINUTE_MS);
    expect(await me(session)).toBe('401 SESSION_INVALID');
  });

  test('ends with the key that created its link', async () => {
    const { apiKey, key } = await service.createKey();
    const session = tokenIn(await post(SESSIONS, { body: { token: await linkToken(key) } }));
    expect(await me(session)).toBe('200');
    await service.call('DELETE', `/api/v2/api-keys/${apiKey.id}`, { as: service.owner.secret });
    expect(await me(session)).toBe('401 SESSION_INVALID');
  });

  test.each(['suspended', 'removed'])('ends permanently when its member is %s', async (end) => {
    const userId = await service.addMember('Admin');
    const session = await service.signIn(userId);
    const as = service.owner.secret;
    if (end === 'suspended') {
      await service.call('PUT', membersUrl(userId), { as, body: { status: 'suspended' } });
      expect(await me(session)).toBe('401 SESSION_INVALID');
      await service.call('PUT', membersUrl(userId), { as, body: { status: 'active' } });
    } else await service.call('DELETE', membersUrl(userId), { as });
    expect(await me(session)).toBe('401 SESSION_INVALID');
    expect(await service.storage.sessions.list(service.owner.workspaceId, userId)).toEqual([]);
  });

  test('ends with its workspace', async () => {
    const session = await service.signIn();
    const url = `/api/v2/workspaces/${service.owner.workspaceId}`;
    await service.addWorkspace();
    await service.call('DELETE', url, { as: service.owner.secret });
    expect(await me(session)).toBe('401 SESSION_INVALID');
  });

  test('400 together with a bearer token, since a call must have one credential', async () => {
    const session = await service.signIn();
    const answer = await service.call('GET', ME, { session, as: service.owner.secret });
    expect(code(answer)).toBe('400 CREDENTIALS_MALFORMED');
  });

  test('a cookie that does not have the form of a session is ignored next to a bearer token', async () => {
    const { secret, userId } = service.owner;
    for (const session of [secret, 'unknown', `${await service.signIn()}x`]) {
      const answer = await service.call('GET', ME, { session, as: secret });
      expect(code(answer)).toBe('200');
      expect(answer.body.data.result.caller.userId).toBe(userId);
    }
    expect(code(await service.call('GET', ME, { session: secret, as: 'unknown' }))).toBe('401 KEY_INVALID');
  });

  test('cannot be checked as a key; keys and session tokens are not interchangeable', async () => {
    const session = await service.signIn();
    expect(code(await service.call('GET', '/api/v2/api-keys/check', { session }))).toBe(
      '401 CREDENTIALS_MISSING',
    );
    expect(code(await service.call('GET', ME, { as: session }))).toBe('401 KEY_INVALID');
    expect(await me(service.owner.secret)).toBe('401 SESSION_INVALID');
    expect(await me(await linkToken())).toBe('401 SESSION_INVALID');
  });

  test.each([
    ['no origin', {}],
    ['another origin', { origin: 'http://latchkey.test' }],
    ['another port', { origin: `${PUBLIC_URL}:8443` }],
    ['the origin null', { origin: 'null' }],
    ['two origins', { origin: `${PUBLIC_URL}, ${PUBLIC_URL}` }],
    ['our origin in another site', { origin: PUBLIC_URL, 'sec-fetch-site': 'same-site' }],
  ])('cannot make changes with %s: 403', async (_what, headers) => {
    const session = await service.signIn();
    const cookie = `${SESSION_COOKIE}=${session}`;
    const body = { name: 'forged', userId: service.owner.userId };
    const answer = await post('/api/v2/api-keys', { headers: { cookie, ...headers }, body });
    expect(code(answer)).toBe('403 ORIGIN_REFUSED');
    const answered = await service.call('DELETE', `${SESSIONS}/current`, { headers: { cookie, ...headers } });
    expect(code(answered)).toBe('403 ORIGIN_REFUSED');
    expect(await me(session)).toBe('200');
  });

  test('can read from our own pages and from the address bar, not from pages of other origins', async () => {
    const cookie = `${SESSION_COOKIE}=${await service.signIn()}`;
    for (const [site, answer] of [
      ['same-origin', '200'],
      ['none', '200'],
      ['same-site', '403 ORIGIN_REFUSED'],
      ['cross-site', '403 ORIGIN_REFUSED'],
    ] as const) {
      const headers = { cookie, 'sec-fetch-site': site };
      expect(code(await service.call('GET', ME, { headers }))).toBe(answer);
    }
  });
});

describe('GET /sessions', () => {
  test('lists only the current sessions of the caller, the newest first', async () => {
    const first = await service.signIn();
    service.clock.advance(1);
    await service.signIn();
    await service.signIn(await service.addMember());
    const { body } = await service.call('GET', SESSIONS, { session: first });
    const { sessions } = body.data.result;
    expect(sessions.map(({ isCurrent }: { isCurrent: boolean }) => isCurrent)).toEqual([false, true]);
    service.clock.advance(30 * MINUTE_MS);
    const later = await service.call('GET', SESSIONS, { as: service.owner.secret });
    expect(later.body.data.result.sessions).toEqual([]);
  });

  test('403 for a key with fewer permissions than its owner', async () => {
    const { key } = await service.createKey({ permissions: ['calls:read'] });
    expect(code(await service.call('GET', SESSIONS, { as: key }))).toBe('403 PERMISSION_DENIED');
  });
});

describe('DELETE /sessions/{sessionId}', () => {
  test('current signs out permanently and deletes the cookie', async () => {
    const session = await service.signIn();
    const other = await service.signIn();
    const answer = await service.call('DELETE', `${SESSIONS}/current`, { session });
    expect(code(answer)).toBe('200');
    expect(answer.headers['set-cookie']).toBe(
      `${SESSION_COOKIE}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict`,
    );
    expect(await me(session)).toBe('401 SESSION_INVALID');
    expect(await me(other)).toBe('200');
  });

  test('current signs out even if the role of the member now has more permissions than the key of the session', async () => {
    const userId = await service.addMember('Viewer');
    const { key } = await service.createKey({ userId });
    const session = tokenIn(await post(SESSIONS, { body: { token: await linkToken(key) } }));
    const admin = await service.storage.roles.findByName(service.owner.workspaceId, 'Admin');
    await service.call('PUT', membersUrl(userId), { as: service.owner.secret, body: { roleId: admin?.id } });
    expect(code(await service.call('DELETE', `${SESSIONS}/current`, { session }))).toBe('200');
    expect(await me(session)).toBe('401 SESSION_INVALID');
  });

  test('404 for a session of another member, and for current with a key', async () => {
    await service.signIn(await service.addMember());
    const [entry] = (
      await service.call('GET', '/api/v2/workspaces/logs?limit=1', { as: service.owner.secret })
    ).body.data.result.logs;
    const { id } = entry.metadata.target;
    expect(id).toMatch(/^ses_/);
    for (const sessionId of [id, 'current']) {
      const answer = await service.call('DELETE', `${SESSIONS}/${sessionId}`, { as: service.owner.secret });
      expect(code(answer)).toBe('404 NOT_FOUND');
    }
  });
});

test('the audit log has the sign-in and sign-out with the member and the key, and never a token', async () => {
  const token = await linkToken();
  const session = tokenIn(await post(SESSIONS, { body: { token } }));
  await service.call('DELETE', `${SESSIONS}/current`, { session });
  const { body } = await service.call('GET', '/api/v2/workspaces/logs?limit=3', { as: service.owner.secret });
  const { logs } = body.data.result;
  expect(logs.map(({ eventType }: { eventType: string }) => eventType)).toEqual([
    'session.ended',
    'session.opened',
    'sign-in-link.created',
  ]);
  expect(logs[1]).toMatchObject({
    actorId: service.owner.userId,
    metadata: { credential: { kind: 'session' } },
  });
  for (const secret of [token, session]) {
    expect(JSON.stringify(body)).not.toContain(secret);
    expect(service.logs.join('\n')).not.toContain(secret);
  }
});

describe('GET /sign-in', () => {
  test('has headers that allow only our own script and calls, and forbid frames, caching and referrers', async () => {
    const { headers, body } = await inject(service.app, {
      method: 'GET',
      url: '/sign-in',
      headers: { host: 'test' },
    });
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    );
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    expect(body).not.toMatch(/<script>|style=|\son\w+=/);
  });
});
