import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type FlattenedJWSInput,
  type JWKSCacheInput,
  type JWSHeaderParameters,
  jwksCache,
} from 'jose';
import { AppError } from '../domain/shared/app-error.ts';
import type { Clock } from '../domain/shared/clock.ts';
import { ANSWER_WITHIN_MS, boundedFetch } from './bounded-fetch.ts';
import { DISCOVER_AGAIN_AFTER_MS, discover, METADATA_FRESH_MS } from './provider-metadata.ts';

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

/** The keys at the address that the metadata of the provider named. */
interface PublishedKeys {
  readonly uri: string;
  readonly remote: RemoteKeys;
  /** The keys read last, and when: kept by what reads them. */
  readonly memory: JWKSCacheInput;
}

export interface ProviderKeysNeeds {
  readonly issuer: string;
  readonly clock: Clock;
  /** Told whenever the provider could not be asked. */
  readonly onTrouble: (error: unknown) => void;
}

/** The keys with which the provider signs, as it publishes them. */
export class ProviderKeys {
  readonly #needs: ProviderKeysNeeds;
  #published: PublishedKeys | null = null;
  #discoveredAt = Number.NEGATIVE_INFINITY;
  #discovery: Promise<PublishedKeys> | null = null;
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
      return await this.#ask(header, token);
    } catch (error) {
      if (isTokensFault(error)) throw error;
      this.#retryAt = this.#needs.clock.now() + RETRY_AFTER_MS;
      this.#needs.onTrouble(error);
      return this.#recall(header, token, error);
    }
  }

  /** An unknown key can be at an address that the metadata have named since. */
  async #ask(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<Key> {
    const published = await this.#newerThan(METADATA_FRESH_MS);
    try {
      return await published.remote(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      const { uri, remote } = await this.#newerThan(DISCOVER_AGAIN_AFTER_MS);
      if (uri === published.uri) throw error;
      return remote(header, token);
    }
  }

  /** The published keys, where the metadata that named them are at most so old; concurrent calls share one discovery. */
  async #newerThan(ageMaxMs: number): Promise<PublishedKeys> {
    const age = this.#needs.clock.now() - this.#discoveredAt;
    if (this.#published && age <= ageMaxMs) return this.#published;
    this.#discovery ??= this.#discover().finally(() => {
      this.#discovery = null;
    });
    return this.#discovery;
  }

  /** Replaces the keys only once those at a new address have been read: until then the old ones are good. */
  async #discover(): Promise<PublishedKeys> {
    const { jwksUri } = await discover(this.#needs.issuer);
    if (jwksUri.href !== this.#published?.uri) this.#published = await readKeys(jwksUri);
    this.#discoveredAt = this.#needs.clock.now();
    return this.#published;
  }

  /** The key from memory, for as long as the provider does not answer. */
  async #recall(header: JWSHeaderParameters, token: FlattenedJWSInput, cause?: unknown): Promise<Key> {
    const { jwks, uat = 0 } = (this.#published?.memory ?? {}) as {
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

async function readKeys(uri: URL): Promise<PublishedKeys> {
  const memory: JWKSCacheInput = {};
  const remote = createRemoteJWKSet(uri, {
    timeoutDuration: ANSWER_WITHIN_MS,
    cacheMaxAge: KEYS_FRESH_MS,
    cooldownDuration: READ_AGAIN_AFTER_MS,
    [jwksCache]: memory,
    [customFetch]: boundedFetch,
  });
  await remote.reload();
  return { uri: uri.href, remote, memory };
}

/** Else the provider did not answer, or not with keys. */
function isTokensFault(error: unknown): boolean {
  return [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported].some(
    (kind) => error instanceof kind,
  );
}
