import {
  type ApiKeyBody,
  type BodyOf,
  type CheckBody,
  checkApiKey,
  createApiKey,
  deleteApiKey,
  deleteApiKeys,
  explainApiKey,
  getApiKey,
  getApiKeyProvenance,
  getApiKeyUsage,
  listApiKeyRefusals,
  listApiKeys,
  type Permission,
  type QueryOf,
  type ResultOf,
  rotateApiKey,
  updateApiKey,
  updateApiKeys,
  type VerdictBody,
  verifyApiKey,
  verifyApiKeys,
} from '@latchkey/contract';
import { itemsOf, type PagePlace } from '../pages.ts';
import type { CreateOptions, Requester } from '../request.ts';
import { requireVerdicts } from './verdict.ts';

export type NewKey = BodyOf<typeof createApiKey>;
export type KeyChanges = BodyOf<typeof updateApiKey>;
export type ListQuery = QueryOf<typeof listApiKeys>;
export type UsageQuery = QueryOf<typeof getApiKeyUsage>;

/** What a call asks of a key. */
export interface KeyQuestion {
  /** All of these must be held; none by default. */
  readonly permissions?: readonly Permission[];
  /** 1 by default. */
  readonly cost?: number;
}

/** A key with its secret. */
export type MintedKey = ResultOf<typeof createApiKey> & {
  /** For people; tells where the key holds less than its owner. */
  readonly message: string;
};

/**
 * The keys of the credential's workspace. Each method answers with the `result` of its endpoint and throws as
 * `LatchkeyError` tells.
 */
export class Keys {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** Makes a key. `key` is its secret, shown this once. */
  async create(body: NewKey, options: CreateOptions = {}): Promise<MintedKey> {
    const { result, message } = await this.#requester.call(createApiKey, { body, ...options });
    return { ...result, message };
  }

  /** One page of keys: the newest first and 50 of them, unless asked otherwise. */
  async list(query: ListQuery = {}): Promise<ResultOf<typeof listApiKeys>> {
    const { result } = await this.#requester.call(listApiKeys, { query });
    return result;
  }

  /**
   * Every key that matches. Keys that are made, changed or revoked meanwhile move no other key to another page, so each key
   * that it gives can be revoked. Sorted by `lastUsedAt`, a key that is used meanwhile can appear twice or not at all.
   */
  listAll(
    query: Omit<ListQuery, 'limit' | 'offset' | 'cursor'> = {},
  ): AsyncGenerator<ApiKeyBody, void, undefined> {
    const read = (place: PagePlace) => this.list({ ...query, ...place });
    return itemsOf(read, ({ apiKeys }) => apiKeys);
  }

  /** NOT_FOUND where the credential may not know of the key. */
  async get(id: string): Promise<ResultOf<typeof getApiKey>> {
    const { result } = await this.#requester.call(getApiKey, { params: { id } });
    return result;
  }

  /** Who made it, what its owner held then and holds now, and what it holds beyond that. */
  async provenance(id: string): Promise<ResultOf<typeof getApiKeyProvenance>> {
    const { result } = await this.#requester.call(getApiKeyProvenance, { params: { id } });
    return result;
  }

  /** How often it was allowed and refused, a point a span: by default the last 24 hours. */
  async usage(id: string, query: UsageQuery = {}): Promise<ResultOf<typeof getApiKeyUsage>> {
    const { result } = await this.#requester.call(getApiKeyUsage, { params: { id }, query });
    return result;
  }

  /** Why it was refused: a sample, the latest first. */
  async refusals(id: string): Promise<ResultOf<typeof listApiKeyRefusals>> {
    const { result } = await this.#requester.call(listApiKeyRefusals, { params: { id } });
    return result;
  }

  /** What its secret would be answered now, and every step towards it. Takes no quota. */
  async explain(id: string, question: KeyQuestion = {}): Promise<ResultOf<typeof explainApiKey>> {
    const query = queryOf(question);
    const { result } = await this.#requester.call(explainApiKey, { params: { id }, query });
    return result;
  }

  /** What is left out stays, null clears. CONFLICT where the key is revoked; LAST_MANAGING_KEY without `force`. */
  async update(id: string, body: KeyChanges): Promise<ResultOf<typeof updateApiKey>> {
    const { result } = await this.#requester.call(updateApiKey, { params: { id }, body });
    return result;
  }

  /** Up to 200 keys, each by itself: look at `errors`, because some can fail while others succeed. */
  async updateMany(
    apiKeys: BodyOf<typeof updateApiKeys>['apiKeys'],
    options: Omit<BodyOf<typeof updateApiKeys>, 'apiKeys'> = {},
  ): Promise<ResultOf<typeof updateApiKeys>> {
    const { result } = await this.#requester.call(updateApiKeys, { body: { ...options, apiKeys } });
    return result;
  }

  /** For ever. Repeating it gives the same answer. */
  async revoke(id: string, body: BodyOf<typeof deleteApiKey> = {}): Promise<ResultOf<typeof deleteApiKey>> {
    const { result } = await this.#requester.call(deleteApiKey, { params: { id }, body });
    return result;
  }

  /** Up to 200 keys, each by itself: look at `errors`, because some can fail while others succeed. */
  async revokeMany(
    ids: BodyOf<typeof deleteApiKeys>['ids'],
    options: Omit<BodyOf<typeof deleteApiKeys>, 'ids'> = {},
  ): Promise<ResultOf<typeof deleteApiKeys>> {
    const { result } = await this.#requester.call(deleteApiKeys, { body: { ...options, ids } });
    return result;
  }

  /** A new secret under the same id. The old one works for `overlapSeconds` more, a day by default. */
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

  /**
   * Resolves only where the client's own key is valid and holds the permissions, and takes the cost from its limits.
   * Otherwise throws LatchkeyError; on PERMISSION_DENIED its `details` name what the key does not hold.
   */
  async check(question: KeyQuestion = {}): Promise<ResultOf<typeof checkApiKey>> {
    const { result } = await this.#requester.call(checkApiKey, { query: queryOf(question) });
    return result;
  }

  /**
   * May this key do this now? A no is an answer, never an error. `valid` is true only where the service said so in a
   * well-formed answer: anything else throws.
   */
  async verify(body: CheckBody): Promise<VerdictBody> {
    const { result } = await this.#requester.call(verifyApiKey, { body });
    requireVerdicts([result], 1);
    return result;
  }

  /** One verdict for each check, in the same order, each as `verify` promises it. Up to 1,000. */
  async verifyMany(checks: CheckBody[]): Promise<VerdictBody[]> {
    const { result } = await this.#requester.call(verifyApiKeys, { body: { checks } });
    requireVerdicts(result.verdicts, checks.length);
    return result.verdicts;
  }
}

function queryOf({ permissions = [], cost }: KeyQuestion): QueryOf<typeof checkApiKey> {
  return {
    ...(permissions.length > 0 && { permissions: permissions.join(',') }),
    ...(cost !== undefined && { cost }),
  };
}
