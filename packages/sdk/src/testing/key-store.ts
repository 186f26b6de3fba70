import type { BodyOf, createApiKey, Permission, RateLimitBody, updateApiKey } from '@latchkey/contract';
import { isExpired } from '@latchkey/contract/decision';
import type { TestClock } from './clock.ts';
import { invalid, ServiceError } from './service-error.ts';
import {
  type KeyDraft,
  newSecret,
  type Owner,
  optionalInstant,
  type StoredKey,
  type StoredSecret,
  storedKey,
} from './stored-key.ts';

const NO_LIMITS: RateLimitBody = { requestsPerMinute: null, requestsPerDay: null };
const OVERLAP_SECONDS_DEFAULT = 86_400;
const ID_LENGTH = 26;

/** The keys of one owner, in memory. Each change throws a ServiceError as the service does. */
export class KeyStore {
  readonly #keys = new Map<string, StoredKey>();
  readonly #clock: TestClock;
  readonly #owner: Owner;
  /** Every permission that a key can have. */
  readonly catalogue: readonly Permission[];

  constructor(clock: TestClock, owner: Owner, catalogue: readonly Permission[]) {
    this.#clock = clock;
    this.#owner = owner;
    this.catalogue = catalogue;
  }

  /** Every key, newest first. */
  all(): StoredKey[] {
    return [...this.#keys.values()].reverse();
  }

  /** The key that has this secret; undefined if there is none. */
  bySecret(text: string): StoredKey | undefined {
    return this.all().find(({ secrets }) => secrets.some((secret) => secret.text === text));
  }

  /** Throws NOT_FOUND. */
  byId(id: string): StoredKey {
    const key = this.#keys.get(id);
    if (!key) throw new ServiceError('NOT_FOUND');
    return key;
  }

  /** The first key, which has every permission. */
  found(): StoredKey {
    const permissions = this.catalogue;
    const draft = { name: 'Owner', use: 'api', permissions, expiresAt: null, rateLimit: NO_LIMITS } as const;
    return this.#add({ ...draft, createdByKeyId: null });
  }

  /** A key with at most the permissions, expiry and limits of its creator, which are also the defaults. */
  create(creator: StoredKey, body: BodyOf<typeof createApiKey>): StoredKey {
    const { name, userId, permissions, expiresAt, rateLimit, use = 'api' } = body;
    if (typeof name !== 'string' || name.trim() === '')
      throw invalid('name', 'must have at least one character');
    if (userId !== this.#owner.userId) throw new ServiceError('USER_NOT_FOUND');
    if (use === 'verify' && permissions !== undefined) throw invalid('permissions', 'must be left out');
    const draft = {
      name: name.trim(),
      use,
      permissions: use === 'verify' ? [] : this.#granted(creator, permissions),
      expiresAt:
        this.#future(expiresAt === undefined ? optionalInstant(creator.expiresAt) : expiresAt) ?? null,
      rateLimit: rateLimit === null ? NO_LIMITS : { ...creator.rateLimit, ...rateLimit },
      createdByKeyId: creator.id,
    };
    requireBounded(draft, creator);
    return this.#add(draft);
  }

  /** A field that is left out is unchanged; null clears it. */
  update(id: string, { name, isActive, expiresAt, rateLimit }: BodyOf<typeof updateApiKey>): StoredKey {
    const key = this.#living(id);
    const future = this.#future(expiresAt);
    if (name !== undefined) key.name = name.trim();
    if (isActive !== undefined) key.isActive = isActive;
    if (future !== undefined) key.expiresAt = future;
    if (rateLimit !== undefined)
      key.rateLimit = rateLimit === null ? NO_LIMITS : { ...key.rateLimit, ...rateLimit };
    return key;
  }

  /** Revoking a key again changes nothing. */
  revoke(id: string, reason: string | null): StoredKey {
    const key = this.byId(id);
    if (key.revokedAt === null) {
      key.revokedAt = this.#clock.now();
      key.revokedReason = reason;
    }
    return key;
  }

  /** The keys that derive from this one and are not revoked, the first created first. */
  livingDescendants(id: string): StoredKey[] {
    const derived = new Set([id]);
    for (const key of this.#keys.values())
      if (key.createdByKeyId !== null && derived.has(key.createdByKeyId)) derived.add(key.id);
    return [...this.#keys.values()].filter(
      (key) => key.id !== id && derived.has(key.id) && key.revokedAt === null,
    );
  }

  /** What `change` returns. If it is a dry run, every key is then as it was before. */
  runOrRehearse<T>(isDryRun: boolean, change: () => T): T {
    if (!isDryRun) return change();
    const before = [...this.#keys.values()].map((key) => [key, { ...key }] as const);
    try {
      return change();
    } finally {
      for (const [key, fields] of before) Object.assign(key, fields);
    }
  }

  /** Gives the key a new secret. The one before it works for `overlapSeconds` longer; an older one ends. */
  rotate(id: string, overlapSeconds = OVERLAP_SECONDS_DEFAULT): StoredKey {
    const key = this.#living(id);
    const now = this.#clock.now();
    if (isExpired(key, now)) throw new ServiceError('CONFLICT');
    const retiresAt = now + overlapSeconds * 1_000;
    const [present, ...older] = key.secrets;
    key.secrets = [newSecret(now), ...(present ? [{ ...present, retiresAt }] : []), ...ended(older, now)];
    return key;
  }

  /** Ends the secrets before the present one. */
  endOldSecret(id: string): StoredKey {
    const key = this.byId(id);
    key.secrets = [...key.secrets.slice(0, 1), ...ended(key.secrets.slice(1), this.#clock.now())];
    return key;
  }

  /** Throws VALIDATION_FAILED for a permission that is not in the catalogue. */
  requireKnown(permissions: readonly Permission[]): void {
    const unknown = permissions.find((name) => !this.catalogue.includes(name));
    if (unknown !== undefined) throw invalid('permissions', `${unknown} is not in the catalogue`);
  }

  #add(draft: Omit<Parameters<typeof storedKey>[0], 'id'>): StoredKey {
    const number = String(this.#keys.size + 1).padStart(ID_LENGTH, '0');
    const key = storedKey({ id: `key_${number}`, ...draft }, this.#clock.now());
    this.#keys.set(key.id, key);
    return key;
  }

  /** In catalogue order. Throws PERMISSION_ESCALATION for permissions that the creator does not have. */
  #granted(creator: StoredKey, permissions: readonly Permission[] = creator.permissions): Permission[] {
    this.requireKnown(permissions);
    const extra = permissions.filter((name) => !creator.permissions.includes(name));
    if (extra.length === 0) return this.catalogue.filter((name) => permissions.includes(name));
    const details = extra.map((field) => ({ field, message: 'is not held' }));
    throw new ServiceError('PERMISSION_ESCALATION', details);
  }

  #living(id: string): StoredKey {
    const key = this.byId(id);
    if (key.revokedAt !== null) throw new ServiceError('CONFLICT');
    return key;
  }

  /** An instant in milliseconds; null and undefined unchanged. Throws EXPIRES_IN_PAST. */
  #future(text: string | null | undefined): number | null | undefined {
    if (text === null || text === undefined) return text;
    const at = Date.parse(text);
    if (Number.isNaN(at)) throw invalid('expiresAt', 'must be an instant such as 2027-01-31T12:00:00Z');
    if (at <= this.#clock.now()) throw new ServiceError('EXPIRES_IN_PAST');
    return at;
  }
}

/** The secrets with an end that is not later than `now`. */
function ended(secrets: readonly StoredSecret[], now: number): StoredSecret[] {
  return secrets.map((secret) => ({ ...secret, retiresAt: Math.min(secret.retiresAt ?? now, now) }));
}

/** Throws LIMIT_ESCALATION for a key that would expire later, or have higher limits, than its creator. */
function requireBounded(key: Pick<KeyDraft, 'expiresAt' | 'rateLimit'>, creator: StoredKey): void {
  const limits = (['requestsPerMinute', 'requestsPerDay'] as const).map(
    (limit) => [`rateLimit.${limit}`, key.rateLimit[limit], creator.rateLimit[limit]] as const,
  );
  const details = [['expiresAt', key.expiresAt, creator.expiresAt] as const, ...limits]
    .filter(([, wanted, bound]) => (wanted ?? Number.POSITIVE_INFINITY) > (bound ?? Number.POSITIVE_INFINITY))
    .map(([field]) => ({ field, message: 'is more than the creating key has' }));
  if (details.length > 0) throw new ServiceError('LIMIT_ESCALATION', details);
}
