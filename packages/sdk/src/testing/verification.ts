import type { CheckBody, VerdictBody } from '@latchkey/contract';
import { type DecisionRequest, decide, firstDenial, missingPermissions } from '@latchkey/contract/decision';
import type { TestClock } from './clock.ts';
import type { KeyStore } from './key-store.ts';
import { type Owner, presented, recordOf, type StoredKey } from './stored-key.ts';

/** Verifies keys with the decision of the service, and counts. */
export class Verification {
  readonly #keys: KeyStore;
  readonly #clock: TestClock;
  readonly #owner: Owner;

  constructor(keys: KeyStore, clock: TestClock, owner: Owner) {
    this.#keys = keys;
    this.#clock = clock;
    this.#owner = owner;
  }

  /** The verdict on a key. Throws VALIDATION_FAILED for a permission that is not in the catalogue. */
  verdict({ key: text, permissions = [], cost = 1 }: CheckBody): VerdictBody {
    this.#keys.requireKnown(permissions);
    const key = this.#keys.bySecret(text);
    const request = { workspaceId: this.#owner.workspaceId, permissions, cost };
    return key ? this.#judge(key, text, request) : { valid: false, code: 'KEY_INVALID', rateLimit: NO_STATE };
  }

  #judge(key: StoredKey, text: string, request: DecisionRequest): VerdictBody {
    const now = this.#clock.now();
    const record = recordOf(key, text, this.#owner);
    const denial = firstDenial(record, request, now);
    const quota = denial ? undefined : key.limiter.spend(key.rateLimit, request.cost, now);
    const code = decide(record, request, now, quota);
    // As in the service, the verdict shows the use before this one.
    const apiKey = presented(key, this.#owner, now);
    const [present] = key.secrets;
    const secret = key.secrets.find((one) => one.text === text);
    key.verdicts.push({ at: now, code, isOldSecret: secret !== present });
    if (code === 'VALID') {
      key.lastUsedAt = now;
      if (secret) secret.lastUsedAt = now;
    }
    return {
      valid: code === 'VALID',
      code,
      apiKey,
      ...(code === 'PERMISSION_DENIED' && { missing: missingPermissions(record, request) }),
      rateLimit: {
        ...key.rateLimit,
        remainingThisMinute: quota?.minute?.remaining ?? null,
        remainingToday: quota?.day?.remaining ?? null,
        retryAfterSeconds: quota?.retryAfterSeconds ?? null,
      },
    };
  }
}

const NO_STATE: VerdictBody['rateLimit'] = {
  requestsPerMinute: null,
  requestsPerDay: null,
  remainingThisMinute: null,
  remainingToday: null,
  retryAfterSeconds: null,
};
