import { AppError } from '../shared/app-error.ts';
import type { Caller, ClientInfo } from '../shared/caller.ts';
import type { AccountHolder } from './account-holder.ts';

/** Authenticates one kind of credential. */
export interface CredentialCheck {
  /**
   * The caller with this credential; throws an `AppError` if it is denied. `workspaceId` is the workspace that the request
   * names, for a credential that is valid in several; null: none.
   */
  authenticate(token: string, client: ClientInfo, workspaceId?: string | null): Promise<Caller>;
}

/** Authenticates a credential that proves who a person is in all workspaces. */
export interface PersonCheck extends CredentialCheck {
  /** The owner of the account, also if none of its members is active; throws an `AppError` if it is denied. */
  holderOf(token: string, client: ClientInfo): Promise<AccountHolder>;
}

/** Authenticates keys; it detects most unknown keys without a look-up. */
export interface KeyCheck extends CredentialCheck {
  /** True when it is certain, without a look-up, that no key has this text. */
  isUnknown(keyText: string): boolean;
}

/** The checks of all kinds of bearer tokens. */
export interface CredentialChecks {
  readonly keys: KeyCheck;
  /** Null: there is no identity provider. */
  readonly identityTokens: PersonCheck | null;
}

/** Chooses the check of a bearer token by its format alone. No second check is tried. */
export class Authenticator implements KeyCheck, PersonCheck {
  readonly #checks: CredentialChecks;

  constructor(checks: CredentialChecks) {
    this.#checks = checks;
  }

  isUnknown(token: string): boolean {
    return !this.#isIdentityToken(token) && this.#checks.keys.isUnknown(token);
  }

  /** Without an identity provider, its tokens are treated as unknown keys: KEY_INVALID. */
  authenticate(token: string, client: ClientInfo, workspaceId: string | null = null): Promise<Caller> {
    const { keys, identityTokens } = this.#checks;
    const check = this.#isIdentityToken(token) && identityTokens ? identityTokens : keys;
    return check.authenticate(token, client, workspaceId);
  }

  /** Throws PERMISSION_DENIED for a key: it can be used by others than its owner. */
  async holderOf(token: string, client: ClientInfo): Promise<AccountHolder> {
    const { keys, identityTokens } = this.#checks;
    if (this.#isIdentityToken(token) && identityTokens) return identityTokens.holderOf(token, client);
    await keys.authenticate(token, client);
    throw new AppError('PERMISSION_DENIED', {
      message: 'A key does not prove who its owner is: sign in, or send a token of the identity provider',
    });
  }

  #isIdentityToken(token: string): boolean {
    return this.#checks.identityTokens !== null && looksLikeJwt(token);
  }
}

/** A JWT in its compact form (RFC 7515, section 7.1). One without a signature matches too, and is denied later. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** True when the text has the format of a token of an identity provider. Keys never contain a dot. */
export function looksLikeJwt(token: string): boolean {
  return JWT.test(token);
}
