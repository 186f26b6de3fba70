import type { Identity } from './identity.ts';

/** The operator's own identity provider. */
export interface IdentityProvider {
  /**
   * The identity in a token that the provider has signed for this service and that is valid now. Throws TOKEN_EXPIRED;
   * TOKEN_INVALID, with the reason; UNAVAILABLE when the signing key is not cached and the provider does not answer.
   */
  verify(token: string): Promise<Identity>;
}

/** The state that the browser stores during a sign-in. It is secret until the sign-in finishes, and useless afterwards. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** The operator's own identity provider, for signing in with a browser. */
export interface SignInProvider {
  /** The URL to which to redirect the browser, and the state to store in it. Throws UNAVAILABLE. */
  begin(returnTo: string): Promise<{ readonly url: string; readonly pending: PendingSignIn }>;

  /**
   * The identity of the person whom the provider redirected to `returnTo` with this query. Throws SIGN_IN_FAILED when the
   * person did not sign in, or when the sign-in was begun in another browser; UNAVAILABLE.
   */
  finish(returnTo: string, query: string, pending: PendingSignIn): Promise<Identity>;
}
