import type { Identity } from './identity.ts';

/** The operator's own identity provider. */
export interface IdentityProvider {
  /**
   * The identity in a token that the provider has signed for this service and that is valid now. TOKEN_EXPIRED;
   * TOKEN_INVALID, with what is wrong with it; UNAVAILABLE where it takes a key that is not known yet and the provider
   * does not answer.
   */
  verify(token: string): Promise<Identity>;
}
