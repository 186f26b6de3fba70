import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type FlattenedJWSInput,
  type JWKSCacheInput,
  type JWSHeaderParameters,
  jwksCache,
} from 'jose';
import { AppError } from '../domain/shared/app-error.ts';
import type { Clock } from '../domain/shared/clock.ts';
import { ANSWER_WITHIN_MS, discover } from './provider-metadata.ts';

/** Milliseconds. Keys are read anew after that; so long a key that the provider has withdrawn is accepted. */
const KEYS_FRESH_MS = 10 * 60_000;
/** A key that is not known makes us read again, but no more often than this, whoever sends such tokens. */
const READ_AGAIN_AFTER_MS = 5_000;
/** As long a provider that did not answer is not asked again, and nobody waits for it. */
const RETRY_AFTER_MS = 5_000;
/** While the provider does not answer, the keys read last are good for so long. */
const KEYS_KEPT_MS = 24 * 3_600_000;

type RemoteKeys = ReturnType<typeof createRemoteJWKSet>;
type Key = Awaited<ReturnType<RemoteKeys>>;

export interface ProviderKeysNeeds {
  readonly issuer: string;
  readonly clock: Clock;
  /** Told whenever the provider could not be asked. */
  readonly onTrouble: (error: unknown) => void;
}

/** The keys with which the provider signs, as it publishes them. */
export class ProviderKeys {
  readonly #needs: ProviderKeysNeeds;
  /** The keys read last, and when: kept by what reads them. */
  readonly #memory: JWKSCacheInput = {};
  #remote: Promise<RemoteKeys> | null = null;
  #retryAt = 0;

  constructor(needs: ProviderKeysNeeds) {
    this.#needs = needs;
  }

  /**
   * The key that a token names. Throws what `jose` throws where the token is to blame, and UNAVAILABLE where the provider
   * is: its key is not in memory, and the provider cannot be asked for it.
   */
  async find(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<Key> {
    if (this.#needs.clock.now() < this.#retryAt) return this.#recall(header, token);
    try {
      const remote = await this.#open();
      return await remote(header, token);
    } catch (error) {
      if (isTokensFault(error)) throw error;
      this.#retryAt = this.#needs.clock.now() + RETRY_AFTER_MS;
      this.#needs.onTrouble(error);
      return this.#recall(header, token, error);
    }
  }

  #open(): Promise<RemoteKeys> {
    this.#remote ??= this.#discover().catch((error: unknown) => {
      this.#remote = null;
      throw error;
    });
    return this.#remote;
  }

  async #discover(): Promise<RemoteKeys> {
    const { jwksUri } = await discover(this.#needs.issuer);
    return createRemoteJWKSet(jwksUri, {
      timeoutDuration: ANSWER_WITHIN_MS,
      cacheMaxAge: KEYS_FRESH_MS,
      cooldownDuration: READ_AGAIN_AFTER_MS,
      [jwksCache]: this.#memory,
    });
  }

  /** The key from memory, for as long as the provider does not answer. */
  async #recall(header: JWSHeaderParameters, token: FlattenedJWSInput, cause?: unknown): Promise<Key> {
    const { jwks, uat = 0 } = this.#memory as {
      jwks?: Parameters<typeof createLocalJWKSet>[0];
      uat?: number;
    };
    if (jwks && Date.now() < uat + KEYS_KEPT_MS) {
      try {
        return await createLocalJWKSet(jwks)(header, token);
      } catch (error) {
        if (error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      }
    }
    throw new AppError('UNAVAILABLE', {
      message: 'The identity provider does not answer, and the key of this token is not known here yet',
      cause,
    });
  }
}

/** Else the provider did not answer, or not with keys. */
function isTokensFault(error: unknown): boolean {
  return [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported].some(
    (kind) => error instanceof kind,
  );
}
