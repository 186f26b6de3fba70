import type { Caller, ClientInfo } from '../shared/caller.ts';
import { callerOfToken } from '../tenancy/member.ts';
import type { AccountHolder } from './account-holder.ts';
import { findAccount } from './account-of-identity.ts';
import type { PersonCheck } from './authenticator.ts';
import type { IdentityProvider } from './identity-provider.ts';
import { type MemberOfIdentityNeeds, memberOfIdentity } from './member-of-identity.ts';

export interface IdentityTokensNeeds extends MemberOfIdentityNeeds {
  readonly provider: IdentityProvider;
}

/** Authenticates the tokens of the identity provider. */
export class IdentityTokens implements PersonCheck {
  readonly #needs: IdentityTokensNeeds;

  constructor(needs: IdentityTokensNeeds) {
    this.#needs = needs;
  }

  /** The member of the token's identity. Throws the errors of `IdentityProvider.verify` and `memberOfIdentity`. */
  async authenticate(token: string, client: ClientInfo, workspaceId: string | null = null): Promise<Caller> {
    const identity = await this.#needs.provider.verify(token);
    const named = { ...identity, workspaceId: identity.workspaceId ?? workspaceId };
    return callerOfToken(await memberOfIdentity(this.#needs, named, client), client);
  }

  async holderOf(token: string, client: ClientInfo): Promise<AccountHolder> {
    const identity = await this.#needs.provider.verify(token);
    return { accountId: await findAccount(this.#needs, identity), identity, session: null, client };
  }
}
