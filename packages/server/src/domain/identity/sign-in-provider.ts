import type { Identity } from './identity.ts';

/** What the browser of somebody who signs in keeps until they come back. Secret until then, and worth nothing after. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** The operator's own identity provider, as a place where people sign in. */
export interface SignInProvider {
  /** Where to send the browser, and what it must bring back. `returnTo` is ours. UNAVAILABLE. */
  begin(returnTo: string): Promise<{ readonly url: string; readonly pending: PendingSignIn }>;

  /**
   * The identity of whoever came back with this query, to the browser that left with what was pending. SIGN_IN_FAILED
   * where they did not sign in, or not from this browser; UNAVAILABLE.
   */
  finish(returnTo: string, query: string, pending: PendingSignIn): Promise<Identity>;
}
