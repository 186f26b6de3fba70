import type { Caller, Origin } from '../shared/caller.ts';
import { looksLikeJwt } from './token-look.ts';

/** Makes callers from one kind of credential. */
export interface CredentialCheck {
  /** The caller that holds this credential; throws the refusal. */
  authenticate(token: string, origin: Origin): Promise<Caller>;
}

/** The kinds of bearer tokens. */
export interface CredentialChecks {
  readonly keys: CredentialCheck;
  /** Null: there is no identity provider. */
  readonly identityTokens: CredentialCheck | null;
}

/** Tells the kinds of bearer tokens apart, by nothing but their form: each has one check, and no second try at another. */
export class Authenticator implements CredentialCheck {
  readonly #checks: CredentialChecks;

  constructor(checks: CredentialChecks) {
    this.#checks = checks;
  }

  /** Without an identity provider its tokens are keys that nobody knows: KEY_INVALID. */
  authenticate(token: string, origin: Origin): Promise<Caller> {
    const { keys, identityTokens } = this.#checks;
    return (looksLikeJwt(token) && identityTokens ? identityTokens : keys).authenticate(token, origin);
  }
}
