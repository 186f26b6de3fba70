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

/** Milliseconds until cached keys are read again. A key that the provider withdrew is accepted for up to this time. */
const KEYS_FRESH_MS = 10 * 60_000;
/** Milliseconds between two reads that unknown keys cause, so that such tokens cannot flood the provider. */
const READ_AGAIN_AFTER_MS = 5_000;
/** Milliseconds for which a provider that did not answer is not asked again; no call waits for it meanwhile. */
const RETRY_AFTER_MS = 5_000;
/** Milliseconds for which the keys read last are used while the provider does not answer. */
const KEYS_KEPT_MS = 24 * 3_600_000;

type RemoteKeys = ReturnType<typeof createRemoteJWKSet>;
type Key = Awaited<ReturnType<RemoteKeys>>;

/** The keys at the `jwks_uri` of the provider's metadata. */
interface PublishedKeys {
  readonly uri: string;
  readonly remote: RemoteKeys;
  /** The keys read last, and when; `remote` writes it. */
  readonly memory: JWKSCacheInput;
}

export interface ProviderKeysNeeds {
  readonly issuer: string;
  readonly clock: Clock;
  /** Called when the provider did not answer. */
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
   * The key that a token names. Throws a `jose` error when the token is at fault, and UNAVAILABLE when its key is not cached
   * and the provider does not answer.
   */
  async find(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<Key> {
    if (this.#needs.clock.now() < this.#retryAt) return this.#findCached(header, token);
    try {
      return await this.#fetchKey(header, token);
    } catch (error) {
      if (isTokensFault(error)) throw error;
      this.#retryAt = this.#needs.clock.now() + RETRY_AFTER_MS;
      this.#needs.onTrouble(error);
      return this.#findCached(header, token, error);
    }
  }

  /** When no key matches, reads the metadata again: the provider may have moved its keys to another address. */
  async #fetchKey(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<Key> {
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

  /** The published keys, from metadata that are at most `ageMaxMs` old. Concurrent calls share one discovery. */
  async #newerThan(ageMaxMs: number): Promise<PublishedKeys> {
    const age = this.#needs.clock.now() - this.#discoveredAt;
    if (this.#published && age <= ageMaxMs) return this.#published;
    this.#discovery ??= this.#discover().finally(() => {
      this.#discovery = null;
    });
    return this.#discovery;
  }

  /** Replaces the keys only once those at a new address have been read; until then the old ones are used. */
  async #discover(): Promise<PublishedKeys> {
    const { jwksUri } = await discover(this.#needs.issuer);
    if (jwksUri.href !== this.#published?.uri) this.#published = await readKeys(jwksUri);
    this.#discoveredAt = this.#needs.clock.now();
    return this.#published;
  }

  /** The cached key, while the provider does not answer. Throws UNAVAILABLE when the key is not cached. */
  async #findCached(header: JWSHeaderParameters, token: FlattenedJWSInput, cause?: unknown): Promise<Key> {
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
      message:
        'The identity provider does not answer, and the key of this token is not cached; try again in a moment',
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

/** False: the provider did not answer, or its response has no valid keys. */
function isTokensFault(error: unknown): boolean {
  return [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported].some(
    (kind) => error instanceof kind,
  );
}
