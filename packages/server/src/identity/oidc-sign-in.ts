import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientError,
  ClientSecretPost,
  type Configuration,
  calculatePKCECodeChallenge,
  clockTolerance,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { Identity } from '../domain/identity/identity.ts';
import type { PendingSignIn, SignInProvider } from '../domain/identity/identity-provider.ts';
import { AppError } from '../domain/shared/app-error.ts';
import type { Clock } from '../domain/shared/clock.ts';
import { ANSWER_WITHIN_MS, boundedFetch } from './bounded-fetch.ts';
import {
  CLOCK_TOLERANCE_SECONDS,
  type ExpectedClaims,
  identityOf,
  isIssuedInFuture,
  mergeClaims,
  saysWhetherVerified,
} from './identity-of.ts';
import { DISCOVER_AGAIN_AFTER_MS, METADATA_FRESH_MS } from './provider-metadata.ts';

const SCOPE = 'openid email profile';

export interface OidcSignInNeeds extends ExpectedClaims {
  readonly clientId: string;
  /** Null: Latchkey is registered as a public client, and PKCE alone protects the code. */
  readonly clientSecret: string | null;
  readonly clock: Clock;
  /** Called when the provider did not answer, or when it or its response did not pass a check. */
  readonly onTrouble: (error: unknown) => void;
}

/** Signing in by the authorization code flow with PKCE (RFC 9700, section 2.1.1). */
export class OidcSignIn implements SignInProvider {
  readonly #needs: OidcSignInNeeds;
  #configuration: Promise<Configuration> | null = null;
  #discoveredAt = 0;

  constructor(needs: OidcSignInNeeds) {
    this.#needs = needs;
  }

  async begin(returnTo: string): Promise<{ url: string; pending: PendingSignIn }> {
    const configuration = await this.#open();
    const pending = { state: randomState(), nonce: randomNonce(), codeVerifier: randomPKCECodeVerifier() };
    const url = buildAuthorizationUrl(configuration, {
      redirect_uri: returnTo,
      scope: SCOPE,
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await calculatePKCECodeChallenge(pending.codeVerifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, pending };
  }

  async finish(returnTo: string, query: string, pending: PendingSignIn): Promise<Identity> {
    if (new URLSearchParams(query).get('state') !== pending.state)
      throw new AppError('SIGN_IN_FAILED', {
        message: 'This is not the sign-in that was begun in this browser',
      });
    const configuration = await this.#open();
    const claims = await this.#claimsOf(configuration, new URL(`${returnTo}?${query}`), pending);
    return identityOf(claims, this.#needs);
  }

  async #claimsOf(configuration: Configuration, returned: URL, pending: PendingSignIn) {
    try {
      const tokens = await authorizationCodeGrant(configuration, returned, {
        expectedState: pending.state,
        expectedNonce: pending.nonce,
        pkceCodeVerifier: pending.codeVerifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (!claims) throw new Error('The provider answered without an ID token');
      if (isIssuedInFuture(claims, this.#needs.clock.now()))
        throw new Error('The ID token is issued in the future: its iat is later than now');
      if (saysWhetherVerified(claims) || !configuration.serverMetadata().userinfo_endpoint) return claims;
      // Many providers return address and name only in the user info.
      return mergeClaims(claims, await fetchUserInfo(configuration, tokens.access_token, claims.sub));
    } catch (error) {
      throw this.#denialOf(error);
    }
  }

  #open(): Promise<Configuration> {
    this.#dropOlderThan(METADATA_FRESH_MS);
    this.#configuration ??= this.#discover().catch((cause: unknown) => {
      this.#configuration = null;
      this.#needs.onTrouble(cause);
      throw unavailable(cause);
    });
    return this.#configuration;
  }

  #dropOlderThan(ageMaxMs: number): void {
    if (this.#needs.clock.now() - this.#discoveredAt > ageMaxMs) this.#configuration = null;
  }

  #discover(): Promise<Configuration> {
    this.#discoveredAt = this.#needs.clock.now();
    const { issuer, clientId, clientSecret } = this.#needs;
    const authentication = clientSecret === null ? None() : ClientSecretPost(clientSecret);
    const metadata = { [clockTolerance]: CLOCK_TOLERANCE_SECONDS };
    // Plain http is a setting for loopback only.
    const insecure = issuer.startsWith('http:') ? [allowInsecureRequests] : [];
    return discovery(new URL(issuer), clientId, metadata, authentication, {
      execute: [enableNonRepudiationChecks, ...insecure],
      timeout: ANSWER_WITHIN_MS / 1_000,
      [customFetch]: boundedFetch,
    });
  }

  #denialOf(error: unknown): AppError {
    if (error instanceof AuthorizationResponseError)
      return new AppError('SIGN_IN_FAILED', {
        message: 'You were not signed in at the identity provider',
        cause: error,
      });
    this.#needs.onTrouble(error);
    // The provider may have moved its keys. This code cannot be used again, but the next sign-in can succeed.
    this.#dropOlderThan(DISCOVER_AGAIN_AFTER_MS);
    return isUnanswered(error) ? unavailable(error) : new AppError('SIGN_IN_FAILED', { cause: error });
  }
}

function unavailable(cause: unknown): AppError {
  return new AppError('UNAVAILABLE', {
    message: 'The identity provider does not answer; try again in a moment',
    cause,
  });
}

/** `fetch` throws a TypeError when there is no response. */
function isUnanswered(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof ClientError && error.code === 'OAUTH_TIMEOUT');
}
