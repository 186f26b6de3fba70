import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type IdentityService, startIdentityService } from '../../../test/harness/identity-service.ts';
import { inject } from '../../../test/harness/inject.ts';
import { PUBLIC_URL, startTestService } from '../../../test/harness/test-service.ts';

let service: IdentityService;

beforeEach(async () => {
  service = await startIdentityService();
});
afterEach(() => service.close());

const get = (url: string, cookie = '') =>
  inject(service.app, { method: 'GET', url, headers: { host: 'test', cookie } });

/** The cookie of the pending sign-in, and the state that the browser must return with. */
async function begun(): Promise<{ cookie: string; state: string }> {
  const { headers } = await get('/sign-in/provider');
  const state = new URL(String(headers.location)).searchParams.get('state') ?? '';
  return { cookie: String(headers['set-cookie']).split(';', 1)[0] ?? '', state };
}

describe('GET /sign-in/provider', () => {
  test('redirects the browser to the provider, regardless of the query', async () => {
    const { statusCode, headers } = await get(
      '/sign-in/provider?returnTo=https://evil.example&redirect_uri=x',
    );
    expect(statusCode).toBe(303);
    const target = new URL(String(headers.location));
    expect(target.origin).toBe(service.idp.issuer);
    expect(Object.fromEntries(target.searchParams)).toEqual({
      client_id: 'latchkey',
      response_type: 'code',
      redirect_uri: `${PUBLIC_URL}/sign-in/provider/return`,
      scope: 'openid email profile',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
  });

  test('stores the pending sign-in encrypted, so that only this service can read it', async () => {
    const { headers } = await get('/sign-in/provider');
    const cookie = String(headers['set-cookie']);
    expect(cookie).toMatch(
      /^__Host-latchkey_pending=[\w-]+; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    const { searchParams } = new URL(String(headers.location));
    for (const part of ['state', 'nonce', 'code_challenge'])
      expect(cookie).not.toContain(searchParams.get(part));
  });

  test('shows a page, with an error status, if the provider does not answer', async () => {
    service.idp.isAnswering = false;
    const { statusCode, headers, body } = await get('/sign-in/provider');
    expect(statusCode).toBe(503);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body).toContain('The identity provider does not answer; try again in a moment');
    service.idp.isAnswering = true;
    expect((await get('/sign-in/provider')).statusCode).toBe(303);
  });

  test('404 without an identity provider, and the page has no link to it', async () => {
    const alone = await startTestService();
    const at = (url: string) => inject(alone.app, { method: 'GET', url, headers: { host: 'test' } });
    expect((await at('/sign-in/provider')).statusCode).toBe(404);
    expect((await at('/sign-in')).body).not.toContain('/sign-in/provider');
    await alone.close();
  });
});

describe('GET /sign-in/provider/return', () => {
  const RETURN = '/sign-in/provider/return';

  test('400, and no session, if the cookie of the pending sign-in is missing or was changed', async () => {
    const { cookie, state } = await begun();
    const changed = cookie.slice(0, -2) + (cookie.endsWith('AA') ? 'BB' : 'AA');
    for (const kept of ['', changed, '__Host-latchkey_pending=', '__Host-latchkey_pending=x']) {
      const { statusCode, headers, body } = await get(`${RETURN}?code=c&state=${state}`, kept);
      expect([statusCode, body.includes('not begun in this browser')]).toEqual([400, true]);
      expect(headers['set-cookie']).toMatch(/^__Host-latchkey_pending=; Max-Age=0/);
    }
  });

  test('400, and no session, if the state is wrong, repeated or missing', async () => {
    const { cookie, state } = await begun();
    for (const query of [
      '',
      '?code=c',
      '?code=c&state=',
      `?code=c&state=x`,
      `?code=c&state=${state}&state=x`,
    ]) {
      const { statusCode, headers } = await get(RETURN + query, cookie);
      expect(statusCode, query).toBe(400);
      expect(JSON.stringify(headers)).not.toContain('latchkey_session');
    }
  });

  test('400 for an unknown code, and the page repeats nothing of the URL', async () => {
    const { cookie, state } = await begun();
    const { statusCode, body } = await get(`${RETURN}?code=%3Cb%3Efalse&state=${state}`, cookie);
    expect(statusCode).toBe(400);
    expect(body).not.toContain('false');
  });

  test('accepts codes that look like keys or tokens, and does not log them', async () => {
    const { cookie, state } = await begun();
    const code = `eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.${'x'.repeat(20)}`;
    expect((await get(`${RETURN}?code=${code}&state=${state}`, cookie)).body).toContain('did not succeed');
    expect(service.logs.join('\n')).not.toContain('x'.repeat(20));
    expect(service.logs.join('\n')).not.toContain(state);
  });
});
