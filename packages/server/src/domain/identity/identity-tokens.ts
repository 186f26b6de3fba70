import type { Caller, Origin } from '../shared/caller.ts';
import { asCaller } from './as-caller.ts';
import type { CredentialCheck } from './authenticator.ts';
import type { IdentityProvider } from './identity-provider.ts';
import { type MemberOfIdentityNeeds, memberOfIdentity } from './member-of-identity.ts';

export interface IdentityTokensNeeds extends MemberOfIdentityNeeds {
  readonly provider: IdentityProvider;
}

/** The tokens of the identity provider as a credential. */
export class IdentityTokens implements CredentialCheck {
  readonly #needs: IdentityTokensNeeds;

  constructor(needs: IdentityTokensNeeds) {
    this.#needs = needs;
  }

  /** The member whom the token means; throws what `IdentityProvider.verify` and `memberOfIdentity` do. */
  async authenticate(token: string, origin: Origin): Promise<Caller> {
    const identity = await this.#needs.provider.verify(token);
    return asCaller(await memberOfIdentity(this.#needs, identity, origin), origin);
  }
}
