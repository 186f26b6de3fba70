import { AppError } from '../shared/app-error.ts';
import type { Caller, Origin } from '../shared/caller.ts';
import type { AccountHolder } from './account-holder.ts';
import { looksLikeJwt } from './token-look.ts';

/** Makes callers from one kind of credential. */
export interface CredentialCheck {
  /**
   * The caller that holds this credential; throws the refusal. `workspaceId` is the one that the request names, for a
   * credential that is of several; null: none.
   */
  authenticate(token: string, origin: Origin, workspaceId?: string | null): Promise<Caller>;
}

/** A credential that proves who a person is, beyond one workspace. */
export interface PersonCheck extends CredentialCheck {
  /** The owner of an account who holds this credential, also if no member of it is active; throws the refusal. */
  holderOf(token: string, origin: Origin): Promise<AccountHolder>;
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
  readonly identityTokens: PersonCheck | null;
}

/** Tells the kinds of bearer tokens apart, by nothing but their form: each has one check, and no second try at another. */
export class Authenticator implements KeyCheck, PersonCheck {
  readonly #checks: CredentialChecks;

  constructor(checks: CredentialChecks) {
    this.#checks = checks;
  }

  isUnknown(token: string): boolean {
    return !this.#isIdentityToken(token) && this.#checks.keys.isUnknown(token);
  }

  /** Without an identity provider its tokens are keys that nobody knows: KEY_INVALID. */
  authenticate(token: string, origin: Origin, workspaceId: string | null = null): Promise<Caller> {
    const { keys, identityTokens } = this.#checks;
    const check = this.#isIdentityToken(token) && identityTokens ? identityTokens : keys;
    return check.authenticate(token, origin, workspaceId);
  }

  /** PERMISSION_DENIED for a key, which may be in other hands than its owner's. */
  async holderOf(token: string, origin: Origin): Promise<AccountHolder> {
    const { keys, identityTokens } = this.#checks;
    if (this.#isIdentityToken(token) && identityTokens) return identityTokens.holderOf(token, origin);
    await keys.authenticate(token, origin);
    throw new AppError('PERMISSION_DENIED', {
      message: 'A key does not prove who its owner is: sign in, or send a token of the identity provider',
    });
  }

  #isIdentityToken(token: string): boolean {
    return this.#checks.identityTokens !== null && looksLikeJwt(token);
  }
}
