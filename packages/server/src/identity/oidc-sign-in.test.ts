import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { OidcSignIn } from './oidc-sign-in.ts';

const EMAIL = 'ada@example.com';
const RETURN = 'http://127.0.0.1/return';

/** The next claims of the provider, in the ID token and as user info; null: it has no user info. */
let says: { idToken: object; userInfo: object | null };
let userInfoReads = 0;
let nonce = '';
let issuer = '';
let server: Server;

beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: '1', alg: 'RS256', use: 'sig' };
  const idToken = () =>
    new SignJWT({ sub: 'ada', nonce, ...says.idToken })
      .setProtectedHeader({ alg: 'RS256', kid: '1' })
      .setIssuer(issuer)
      .setAudience('latchkey')
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(privateKey);
  const answers: Record<string, () => Promise<object> | object> = {
    '/.well-known/openid-configuration': () => ({
      issuer,
      jwks_uri: `${issuer}/jwks`,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
    }),
    '/jwks': () => ({ keys: [jwk] }),
    '/token': async () => ({ access_token: 'at', token_type: 'Bearer', id_token: await idToken() }),
    '/userinfo': () => {
      userInfoReads++;
      return { sub: 'ada', ...says.userInfo };
    },
  };
  const answerTo = async ({ url = '' }: IncomingMessage, response: ServerResponse): Promise<void> => {
    const answer = await answers[url]?.();
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  };
  server = createServer((request, response) => void answerTo(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  userInfoReads = 0;
});

async function signIn(idToken: object, userInfo: object, trustsEmails = false): Promise<string | null> {
  says = { idToken, userInfo };
  const client = { clientId: 'latchkey', clientSecret: null };
  const expected = { issuer, workspaceClaim: 'ws', trustsEmails };
  const provider = new OidcSignIn({ ...expected, ...client, clock: Date, onTrouble() {} });
  const { pending } = await provider.begin(RETURN);
  nonce = pending.nonce;
  return (await provider.finish(RETURN, `code=c&state=${pending.state}`, pending)).email;
}

test('the user info is read when the ID token has no email_verified', async () => {
  expect(await signIn({ email: EMAIL }, { email_verified: true })).toBe(EMAIL);
  expect(await signIn({}, { email: EMAIL, email_verified: 'true' })).toBe(EMAIL);
  expect(await signIn({ email: EMAIL }, { email: EMAIL })).toBeNull();
  expect(await signIn({ email: EMAIL }, { email: EMAIL, email_verified: 'false' })).toBeNull();
});

test('the user info verifies no address but its own', async () => {
  expect(await signIn({ email: EMAIL }, { email: 'eve@example.com', email_verified: true })).toBeNull();
});

test('the user info is not read when the ID token has email_verified', async () => {
  expect(await signIn({ email: EMAIL, email_verified: true }, {})).toBe(EMAIL);
  expect(await signIn({ email: EMAIL, email_verified: false }, { email_verified: true })).toBeNull();
  expect(userInfoReads).toBe(0);
});

test('the user info is also read for a provider that is trusted without the claim, so that its denial counts', async () => {
  expect(await signIn({ email: EMAIL }, {}, true)).toBe(EMAIL);
  expect(await signIn({ email: EMAIL }, { email_verified: false }, true)).toBeNull();
});
