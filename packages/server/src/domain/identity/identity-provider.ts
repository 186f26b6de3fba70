import type { Identity } from './identity.ts';

/** The operator's own identity provider. */
export interface IdentityProvider {
  /**
   * The identity in a token that the provider has signed for this service and that is valid now. Throws TOKEN_EXPIRED;
   * TOKEN_INVALID, with the reason; UNAVAILABLE when the signing key is not cached and the provider does not answer.
   */
  verify(token: string): Promise<Identity>;
}
