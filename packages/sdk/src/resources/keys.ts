import {
  type ApiKeyBody,
  type BodyOf,
  type CheckBody,
  checkApiKey,
  createApiKey,
  deleteApiKey,
  deleteApiKeys,
  endOldSecret,
  explainApiKey,
  getApiKey,
  getApiKeyProvenance,
  getApiKeyUsage,
  listApiKeyRates,
  listApiKeyRefusals,
  listApiKeys,
  type Permission,
  type QueryOf,
  type ResultOf,
  rotateApiKey,
  updateApiKey,
  updateApiKeys,
  verifyApiKey,
  verifyApiKeys,
} from '@latchkey/contract';
import { itemsOf, type PagePlace } from '../pages.ts';
import {
  type CreateOptions,
  changeQuery,
  type DryRunOption,
  type Requester,
  type WaitOption,
} from '../request.ts';
import { consistentVerdict, consistentVerdicts, LatchkeyDeniedError, type Verdict } from '../verdict.ts';

export type NewKey = BodyOf<typeof createApiKey>;
export type KeyChanges = BodyOf<typeof updateApiKey>;
export type ListQuery = QueryOf<typeof listApiKeys>;
export type UsageQuery = QueryOf<typeof getApiKeyUsage>;

/** The permissions and the quota that a call needs from a key. */
export interface KeyQuestion {
  /** The key must have all of these; none by default. */
  readonly permissions?: readonly Permission[];
  /** The quota that a valid verdict uses; 1 by default. */
  readonly cost?: number;
}

/** A question about a key that a client presented. */
export interface KeyCheck extends KeyQuestion {
  /** The whole text of the key. */
  readonly key: string;
  /** The IP address of the client that presented the key. */
  readonly ip?: string;
}

/** A key with its secret. */
export type MintedKey = ResultOf<typeof createApiKey> & {
  /** For people; notes if the key has fewer permissions than its owner. */
  readonly message: string;
};

/**
 * The keys of the credential's workspace. Each method resolves with the `result` of its endpoint, and rejects with a
 * LatchkeyError if the service returns an error.
 */
export class Keys {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** Creates a key. `key` is its secret, which is shown only once. */
  async create(body: NewKey, options: CreateOptions = {}): Promise<MintedKey> {
    const { result, message } = await this.#requester.call(createApiKey, { body, ...options });
    return { ...result, message };
  }

  /** One page of keys; by default 50, newest first. */
  async list(query: ListQuery = {}): Promise<ResultOf<typeof listApiKeys>> {
    const { result } = await this.#requester.call(listApiKeys, { query });
    return result;
  }

  /**
   * Every matching key. Keys that are created, changed or revoked during the iteration do not move other keys to another
   * page, so the caller may revoke each key it gets. With `sortBy: 'lastUsedAt'`, a key in use can appear twice or not at all.
   */
  listAll(
    query: Omit<ListQuery, 'limit' | 'offset' | 'cursor'> = {},
  ): AsyncGenerator<ApiKeyBody, void, undefined> {
    const read = (place: PagePlace) => this.list({ ...query, ...place });
    return itemsOf(read, ({ apiKeys }) => apiKeys);
  }

  /** NOT_FOUND if the key does not exist or the credential may not see it. `etag` is its version, for `update`. */
  async get(id: string): Promise<ResultOf<typeof getApiKey> & { readonly etag: string | null }> {
    const { result, etag } = await this.#requester.call(getApiKey, { params: { id } });
    return { ...result, etag };
  }

  /** The creator, the permissions of the owner then and now, and the permissions that only the key has. */
  async provenance(id: string): Promise<ResultOf<typeof getApiKeyProvenance>> {
    const { result } = await this.#requester.call(getApiKeyProvenance, { params: { id } });
    return result;
  }

  /** How often the key was allowed and denied, one point per time span; by default the last 24 hours. */
  async usage(id: string, query: UsageQuery = {}): Promise<ResultOf<typeof getApiKeyUsage>> {
    const { result } = await this.#requester.call(getApiKeyUsage, { params: { id }, query });
    return result;
  }

  /** How often each of up to 200 keys was allowed and denied in the last hour and the last five minutes. */
  async rates(ids: BodyOf<typeof listApiKeyRates>['ids']): Promise<ResultOf<typeof listApiKeyRates>> {
    const { result } = await this.#requester.call(listApiKeyRates, { body: { ids } });
    return result;
  }

  /** Why the key was denied: a sample, latest first. */
  async refusals(id: string): Promise<ResultOf<typeof listApiKeyRefusals>> {
    const { result } = await this.#requester.call(listApiKeyRefusals, { params: { id } });
    return result;
  }

  /** The verdict that the key would get now, and the result of every check. Uses no quota. */
  async explain(id: string, question: KeyQuestion = {}): Promise<ResultOf<typeof explainApiKey>> {
    const query = queryOf(question);
    const { result } = await this.#requester.call(explainApiKey, { params: { id }, query });
    return result;
  }

  /**
   * A field that is left out is unchanged; null clears it. CONFLICT if the key is revoked; LAST_MANAGING_KEY without `force`;
   * VERSION_MISMATCH if `ifMatch` is given and is not the `etag` of the present version.
   */
  async update(
    id: string,
    { wait, ...body }: KeyChanges & WaitOption,
    { ifMatch }: { readonly ifMatch?: string } = {},
  ): Promise<ResultOf<typeof updateApiKey>> {
    const version = ifMatch === undefined ? {} : { ifMatch };
    const request = { params: { id }, query: changeQuery({ wait }), body, ...version };
    const { result } = await this.#requester.call(updateApiKey, request);
    return result;
  }

  /** Up to 200 keys, each a separate change: check `errors`, because some can fail while others succeed. */
  async updateMany(
    apiKeys: BodyOf<typeof updateApiKeys>['apiKeys'],
    {
      dryRun,
      wait,
      ...options
    }: Omit<BodyOf<typeof updateApiKeys>, 'apiKeys'> & DryRunOption & WaitOption = {},
  ): Promise<ResultOf<typeof updateApiKeys>> {
    const body = { ...options, apiKeys };
    const query = changeQuery({ dryRun, wait });
    const { result } = await this.#requester.call(updateApiKeys, { body, query });
    return result;
  }

  /** Revokes the key permanently. Repeating the call returns the same result. */
  async revoke(
    id: string,
    { dryRun, wait, ...body }: NonNullable<BodyOf<typeof deleteApiKey>> & DryRunOption & WaitOption = {},
  ): Promise<ResultOf<typeof deleteApiKey>> {
    const query = changeQuery({ dryRun, wait });
    const { result } = await this.#requester.call(deleteApiKey, { params: { id }, body, query });
    return result;
  }

  /** Up to 200 keys, each a separate change: check `errors`, because some can fail while others succeed. */
  async revokeMany(
    ids: BodyOf<typeof deleteApiKeys>['ids'],
    { dryRun, wait, ...options }: Omit<BodyOf<typeof deleteApiKeys>, 'ids'> & DryRunOption & WaitOption = {},
  ): Promise<ResultOf<typeof deleteApiKeys>> {
    const body = { ...options, ids };
    const query = changeQuery({ dryRun, wait });
    const { result } = await this.#requester.call(deleteApiKeys, { body, query });
    return result;
  }

  /** Creates a new secret under the same id. The old one works for another `overlapSeconds`, a day by default. */
  async rotate(
    id: string,
    { idempotencyKey, ...body }: NonNullable<BodyOf<typeof rotateApiKey>> & CreateOptions = {},
  ): Promise<MintedKey> {
    const options = idempotencyKey === undefined ? {} : { idempotencyKey };
    const { result, message } = await this.#requester.call(rotateApiKey, {
      params: { id },
      body,
      ...options,
    });
    return { ...result, message };
  }

  /** Ends the secret that the last rotation replaced before its overlap is over. Repeating the call changes nothing. */
  async endOldSecret(id: string, { wait }: WaitOption = {}): Promise<ResultOf<typeof endOldSecret>> {
    const query = changeQuery({ wait });
    const { result } = await this.#requester.call(endOldSecret, { params: { id }, query });
    return result;
  }

  /**
   * Resolves only if the client's own key is valid and has the permissions, and takes the cost from its quota.
   * Otherwise throws LatchkeyError; on PERMISSION_DENIED, `details` names the missing permissions.
   */
  async check(question: KeyQuestion = {}): Promise<ResultOf<typeof checkApiKey>> {
    const { result } = await this.#requester.call(checkApiKey, { query: queryOf(question) });
    return result;
  }

  /**
   * Verifies a key. A denial is a result, not an error, so test `valid`. `valid` is true only if a well-formed response
   * says so; an invalid response throws LatchkeyProtocolError.
   */
  async verify(check: KeyCheck): Promise<Verdict> {
    const { result } = await this.#requester.call(verifyApiKey, { body: bodyOf(check) });
    return consistentVerdict(result);
  }

  /** One verdict for each of up to 1,000 checks, in the same order, with the promises of `verify`. */
  async verifyMany(checks: readonly KeyCheck[]): Promise<Verdict[]> {
    const body = { checks: checks.map(bodyOf) };
    const { result } = await this.#requester.call(verifyApiKeys, { body });
    return consistentVerdicts(result.verdicts, checks.length);
  }

  /**
   * Verifies a key, and resolves with it only if it is valid. Throws LatchkeyDeniedError for every denial, and the errors of
   * `verify`: without an error the key may make the call.
   */
  async require(check: KeyCheck): Promise<ApiKeyBody> {
    const verdict = await this.verify(check);
    if (verdict.valid) return verdict.apiKey;
    throw new LatchkeyDeniedError(verdict);
  }
}

function queryOf({ permissions = [], cost }: KeyQuestion): QueryOf<typeof checkApiKey> {
  return {
    ...(permissions.length > 0 && { permissions: permissions.join(',') }),
    ...(cost !== undefined && { cost }),
  };
}

function bodyOf({ permissions, ...rest }: KeyCheck): CheckBody {
  return permissions === undefined ? rest : { ...rest, permissions: [...permissions] };
}
