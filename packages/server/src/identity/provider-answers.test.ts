import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestClock } from '../../test/harness/test-clock.ts';
import { OidcIdentityProvider } from './oidc-identity-provider.ts';
import { OidcSignIn } from './oidc-sign-in.ts';

const MIB = 2 ** 20;
const HOUR_SECONDS = 3_600;
const AUDIENCE = 'latchkey';
const RETURN = 'http://127.0.0.1/return';
const METADATA = '/.well-known/openid-configuration';

type Signer = Awaited<ReturnType<typeof newSigner>>;

let server: Server;
let issuer = '';
let clock: TestClock;
let troubles: unknown[];
/** The answers of the provider by path, and how often each path was read. */
let answers: Map<string, (response: ServerResponse) => void>;
let reads: Map<string, number>;

async function newSigner(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } };
}

const json = (body: unknown) => (response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

/** Publishes the keys of the provider at a path, which its metadata name. */
function publish(path: string, ...keys: JWK[]): void {
  answers.set(path, json({ keys }));
  answers.set(
    METADATA,
    json({
      issuer,
      jwks_uri: issuer + path,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
    }),
  );
}

function tokenOf({ privateKey, kid }: Signer, claims: object = {}): Promise<string> {
  const now = Math.floor(clock.now() / 1_000);
  return new SignJWT({ sub: 'ada', iat: now, exp: now + 2 * HOUR_SECONDS, ...claims })
    .setProtectedHeader({ alg: 'RS256', kid })
    .setIssuer(issuer)
    .setAudience(AUDIENCE)
    .sign(privateKey);
}

function settings() {
  return {
    issuer,
    workspaceClaim: 'ws',
    trustsEmails: false,
    clock,
    onTrouble: troubles.push.bind(troubles),
  };
}

const newProvider = () => new OidcIdentityProvider({ ...settings(), audience: AUDIENCE });
const newSignIn = () => new OidcSignIn({ ...settings(), clientId: AUDIENCE, clientSecret: null });

async function signIn(provider: OidcSignIn, signer: Signer, claims: object = {}) {
  const { pending } = await provider.begin(RETURN);
  const idToken = await tokenOf(signer, { nonce: pending.nonce, ...claims });
  answers.set('/token', json({ access_token: 'at', token_type: 'Bearer', id_token: idToken }));
  return provider.finish(RETURN, `code=c&state=${pending.state}`, pending);
}

beforeEach(async () => {
  answers = new Map();
  reads = new Map();
  troubles = [];
  clock = new TestClock(Date.now());
  server = createServer(({ url = '' }, response) => {
    reads.set(url, (reads.get(url) ?? 0) + 1);
    const answer = answers.get(url);
    if (answer) answer(response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('a response of the provider is read up to 1 MiB, and then the connection is closed', () => {
  /** Sends blanks while the connection is open, 64 MiB at most. The function returned counts them in bytes. */
  function flood(path: string): () => number {
    let taken = 0;
    answers.set(path, (response) => {
      const blanks = Buffer.alloc(MIB, ' ');
      const send = (): void => {
        while (!response.destroyed && taken < 64 * MIB) {
          taken += MIB;
          if (!response.write(blanks)) return void response.once('drain', send);
        }
        response.end();
      };
      response.writeHead(200, { 'content-type': 'application/json' });
      send();
    });
    return () => taken;
  }

  test.each([[METADATA], ['/jwks']])('%s, for a token', async (path) => {
    const signer = await newSigner('1');
    publish('/jwks', signer.jwk);
    const taken = flood(path);
    await expect(newProvider().verify(await tokenOf(signer))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(taken()).toBeLessThan(32 * MIB);
    expect(String(troubles[0])).toContain('1 MiB');
  });

  test('its metadata, for a sign-in', async () => {
    const taken = flood(METADATA);
    await expect(newSignIn().begin(RETURN)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(taken()).toBeLessThan(32 * MIB);
  });

  test.each([['/token'], ['/jwks']])('%s, for a sign-in', async (path) => {
    const signer = await newSigner('1');
    publish('/jwks', signer.jwk);
    const provider = newSignIn();
    const { pending } = await provider.begin(RETURN);
    answers.set(
      '/token',
      json({
        access_token: 'at',
        token_type: 'Bearer',
        id_token: await tokenOf(signer, { nonce: pending.nonce }),
      }),
    );
    const taken = flood(path);
    const finished = provider.finish(RETURN, `code=c&state=${pending.state}`, pending);
    await expect(finished).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' });
    expect(taken()).toBeLessThan(32 * MIB);
  });
});

describe('a token that is issued in the future is denied', () => {
  test('as a credential, beyond the tolerance for clocks', async () => {
    const signer = await newSigner('1');
    publish('/jwks', signer.jwk);
    const ahead = (seconds: number) => ({ iat: Math.floor(clock.now() / 1_000) + seconds });
    const provider = newProvider();
    expect((await provider.verify(await tokenOf(signer, ahead(20)))).subject).toBe('ada');
    await expect(provider.verify(await tokenOf(signer, ahead(HOUR_SECONDS)))).rejects.toMatchObject({
      code: 'TOKEN_INVALID',
      message: expect.stringContaining('in the future'),
    });
  });

  test('at sign-in, beyond the tolerance for clocks', async () => {
    const signer = await newSigner('1');
    publish('/jwks', signer.jwk);
    const ahead = (seconds: number) => ({ iat: Math.floor(clock.now() / 1_000) + seconds });
    expect((await signIn(newSignIn(), signer, ahead(20))).subject).toBe('ada');
    await expect(signIn(newSignIn(), signer, ahead(HOUR_SECONDS))).rejects.toMatchObject({
      code: 'SIGN_IN_FAILED',
    });
  });
});

describe('a provider that publishes its keys at another address', () => {
  test('is followed when a token names an unknown key, at most every five seconds', async () => {
    const [old, next, unknown] = await Promise.all(['old', 'next', 'unknown'].map(newSigner));
    if (!old || !next || !unknown) return expect.unreachable();
    publish('/jwks', old.jwk);
    const provider = newProvider();
    await provider.verify(await tokenOf(old));
    publish('/moved', next.jwk);
    clock.advance(6_000);
    expect((await provider.verify(await tokenOf(next))).subject).toBe('ada');
    const discoveries = reads.get(METADATA);
    const token = await tokenOf(unknown);
    for (let i = 0; i < 5; i++)
      await expect(provider.verify(token)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
    expect(reads.get(METADATA)).toBe(discoveries);
  });

  test('is followed after ten minutes, so that a key that it withdrew is denied', async () => {
    const [old, next] = await Promise.all(['old', 'next'].map(newSigner));
    if (!old || !next) return expect.unreachable();
    publish('/jwks', old.jwk);
    const provider = newProvider();
    await provider.verify(await tokenOf(old));
    publish('/moved', next.jwk);
    clock.advance(10 * 60_000 + 1);
    await expect(provider.verify(await tokenOf(old))).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
  });

  test('is followed at sign-in, after ten minutes or after a sign-in that failed', async () => {
    const [old, next, last] = await Promise.all(['old', 'next', 'last'].map(newSigner));
    if (!old || !next || !last) return expect.unreachable();
    publish('/jwks', old.jwk);
    const provider = newSignIn();
    await signIn(provider, old);
    publish('/moved', next.jwk);
    clock.advance(10 * 60_000 + 1);
    expect((await signIn(provider, next)).subject).toBe('ada');
    publish('/moved-again', last.jwk);
    clock.advance(6_000);
    await expect(signIn(provider, last)).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' });
    expect((await signIn(provider, last)).subject).toBe('ada');
  });
});
