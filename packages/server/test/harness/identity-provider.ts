import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  SignJWT,
} from 'jose';
import { type ClientMetadata, Provider } from 'oidc-provider';

/** The audience of the tokens that the provider gives out for the service. */
export const AUDIENCE = 'urn:latchkey:test';
/** The claim that contains the workspace. */
export const WORKSPACE_CLAIM = 'latchkey_workspace';

const ALGORITHM = 'ES256';
const TOKEN_SECONDS = 300;
/** The OAuth client credentials of the service. */
export const CLIENT = { clientId: 'latchkey', clientSecret: 'the secret of the service at the provider' };

/** The claims about an account, other than its subject. */
export interface AccountClaims {
  readonly email?: string;
  readonly email_verified?: unknown;
  readonly name?: string;
  readonly [WORKSPACE_CLAIM]?: unknown;
}

/** How a forged token differs from a true one. */
export interface Forgery {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Partial<JWTHeaderParameters>;
  /** The key that signs it; default: the provider's own key. */
  readonly key?: CryptoKey | Uint8Array;
}

interface SigningKey {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK & { readonly kid: string };
}

/** A real provider of OpenID Connect on a port of this machine. */
export class TestIdentityProvider {
  /** The people who have an account, by subject. Changes count for tokens made afterwards. */
  readonly accounts = new Map<string, AccountClaims>();
  /** If false, the provider closes every connection without a response. */
  isAnswering = true;
  /** How often its keys have been read. */
  keyReads = 0;
  readonly #server = createServer((request, response) => this.#answer(request, response));
  #keys: SigningKey[] = [];
  #provider: Provider | null = null;
  #callback: ReturnType<Provider['callback']> = async () => {};
  #issuer = '';
  #returnsTo = ['http://127.0.0.1/return'];

  static async start(): Promise<TestIdentityProvider> {
    const provider = new TestIdentityProvider();
    await new Promise<void>((resolve) => provider.#server.listen(0, '127.0.0.1', resolve));
    provider.#issuer = `http://127.0.0.1:${(provider.#server.address() as AddressInfo).port}`;
    await provider.rotate();
    return provider;
  }

  get issuer(): string {
    return this.#issuer;
  }

  /** As it is published. */
  get publicKey(): JWK {
    const { d: _, ...publicKey } = this.#signingKey.jwk;
    return publicKey;
  }

  /** Lets people come back to the service at this address. */
  register(serviceUrl: string): void {
    this.#returnsTo = [`${serviceUrl}/sign-in/provider/return`];
    this.#serve();
  }

  /** Rotates the signing key: later tokens use a new key, and the old ones are no longer published. */
  async rotate(): Promise<void> {
    this.#keys = [await newSigningKey()];
    this.#serve();
  }

  /** A token that the provider itself makes for an account. */
  async tokenFor(subject: string): Promise<string> {
    const provider = this.#running;
    const client = await provider.Client.find(CLIENT.clientId);
    if (!client) throw new Error('The provider does not know its client');
    const resourceServer = new provider.ResourceServer(AUDIENCE, resourceServerInfo());
    const token = new provider.AccessToken({
      accountId: subject,
      client,
      resourceServer,
      grantId: subject,
      gty: 'authorization_code',
    });
    return token.save();
  }

  /** A token as the provider would not make it. */
  async forge(subject: string, { claims = {}, header = {}, key }: Forgery): Promise<string> {
    const { privateKey, jwk } = this.#signingKey;
    const now = Math.floor(Date.now() / 1_000);
    const times = { iat: now, exp: now + TOKEN_SECONDS };
    const told = this.accounts.get(subject);
    return new SignJWT({ iss: this.issuer, aud: AUDIENCE, sub: subject, ...times, ...told, ...claims })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'at+jwt', kid: jwk.kid, ...header })
      .sign(key ?? privateKey);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get #signingKey(): SigningKey {
    const [key] = this.#keys;
    if (!key) throw new Error('The provider has no key');
    return key;
  }

  get #running(): Provider {
    if (!this.#provider) throw new Error('The provider was not started');
    return this.#provider;
  }

  #serve(): void {
    this.#provider = this.#configured();
    this.#callback = this.#provider.callback();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (!this.isAnswering) return void request.socket.destroy();
    if (request.url === '/jwks') this.keyReads++;
    void this.#callback(request, response);
  }

  #client(): ClientMetadata {
    return {
      client_id: CLIENT.clientId,
      client_secret: CLIENT.clientSecret,
      token_endpoint_auth_method: 'client_secret_post',
      redirect_uris: this.#returnsTo,
      id_token_signed_response_alg: ALGORITHM,
    };
  }

  #configured(): Provider {
    return new Provider(this.issuer, {
      jwks: { keys: this.#keys.map(({ jwk }) => jwk) },
      clients: [this.#client()],
      findAccount: (_context, accountId) => ({
        accountId,
        claims: async () => ({ sub: accountId, ...this.accounts.get(accountId) }),
      }),
      extraTokenClaims: (_context, token) =>
        'accountId' in token ? { ...this.accounts.get(String(token.accountId)) } : undefined,
      claims: { openid: ['sub', WORKSPACE_CLAIM], email: ['email', 'email_verified'], profile: ['name'] },
      ttl: {
        AccessToken: TOKEN_SECONDS,
        Grant: TOKEN_SECONDS,
        IdToken: TOKEN_SECONDS,
        Interaction: TOKEN_SECONDS,
        Session: TOKEN_SECONDS,
      },
      cookies: { keys: ['the cookies of the provider are signed with this'] },
      features: { resourceIndicators: { enabled: true, getResourceServerInfo: resourceServerInfo } },
    });
  }
}

function resourceServerInfo() {
  return {
    scope: '',
    accessTokenFormat: 'jwt' as const,
    audience: AUDIENCE,
    jwt: { sign: { alg: ALGORITHM } as const },
  };
}

async function newSigningKey(): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const kid = crypto.randomUUID();
  return { privateKey, jwk: { ...(await exportJWK(privateKey)), kid, alg: ALGORITHM, use: 'sig' } };
}
