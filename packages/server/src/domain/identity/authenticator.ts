import type { Caller, Origin } from '../shared/caller.ts';
import { looksLikeJwt } from './token-look.ts';

/** Makes callers from one kind of credential. */
export interface CredentialCheck {
  /** The caller that holds this credential; throws the refusal. */
  authenticate(token: string, origin: Origin): Promise<Caller>;
}

/** The check of keys, which knows of most invented ones without a look-up. */
export interface KeyCheck extends CredentialCheck {
  /** Can memory alone tell that no key has this text? */
  isUnknown(keyText: string): boolean;
}

/** The kinds of bearer tokens. */
export interface CredentialChecks {
  readonly keys: KeyCheck;
  /** Null: there is no identity provider. */
  readonly identityTokens: CredentialCheck | null;
}

/** Tells the kinds of bearer tokens apart, by nothing but their form: each has one check, and no second try at another. */
export class Authenticator implements KeyCheck {
  readonly #checks: CredentialChecks;

  constructor(checks: CredentialChecks) {
    this.#checks = checks;
  }

  isUnknown(token: string): boolean {
    return !this.#isIdentityToken(token) && this.#checks.keys.isUnknown(token);
  }

  /** Without an identity provider its tokens are keys that nobody knows: KEY_INVALID. */
  authenticate(token: string, origin: Origin): Promise<Caller> {
    const { keys, identityTokens } = this.#checks;
    return (this.#isIdentityToken(token) && identityTokens ? identityTokens : keys).authenticate(
      token,
      origin,
    );
  }

  #isIdentityToken(token: string): boolean {
    return this.#checks.identityTokens !== null && looksLikeJwt(token);
  }
}
