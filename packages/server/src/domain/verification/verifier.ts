import type { Permission, VerdictCode } from '@latchkey/contract';
import { boundsOf, type Key } from '../keys/key.ts';
import type { KeyLookup, KeyRecord } from '../keys/key-store.ts';
import { isKeyText } from '../keys/key-text.ts';
import { AppError } from '../shared/app-error.ts';
import type { Caller, Origin } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { UsageRecorder } from '../usage/usage-recorder.ts';
import { fits, NO_QUOTA, type QuotaCounters, type QuotaState } from './limits/quota-counters.ts';
import { firstRefusal, missingOf, type Question, verify } from './verify.ts';

export interface VerifyInput extends Question {
  readonly keyText: string;
  /** How much quota a positive answer takes. */
  readonly cost: number;
}

export interface Verdict {
  readonly code: VerdictCode;
  /** Null unless the secret belongs to a key of the workspace that asks. */
  readonly key: Key | null;
  readonly missing: readonly Permission[];
  readonly quota: QuotaState;
}

export interface VerifierNeeds {
  readonly lookup: KeyLookup;
  readonly counters: QuotaCounters;
  readonly usage: UsageRecorder;
  readonly keyring: Keyring;
  readonly clock: Clock;
  /** Told of every use of a key whose stored row was edited by something else than this service. */
  readonly onAltered: (key: Key) => void;
}

/** Answers whether keys may do things. A no is an answer, never an exception. */
export class Verifier {
  readonly #needs: VerifierNeeds;

  constructor(needs: VerifierNeeds) {
    this.#needs = needs;
  }

  /** Judges a key and, where it may, takes `cost` from its limits. Every verdict about a key is counted. */
  async verify(input: VerifyInput): Promise<Verdict> {
    const now = this.#needs.clock.now();
    const record = await this.#find(input.keyText);
    const decision = verify(record, input, now);
    if (decision.code !== 'VALID') {
      if (record) this.#recordRefusal(record, input, now);
      return { ...decision, quota: NO_QUOTA };
    }
    const { key } = decision;
    const quota = await this.#needs.counters.spend(key, input.cost, now);
    if (quota.retryAfterSeconds !== null) {
      const step = fits(quota.minute, input.cost) ? 'day' : 'minute';
      this.#needs.usage.recordDenied(key.id, 'RATE_LIMITED', now, { step, missing: [], cost: input.cost });
      return { ...decision, code: 'RATE_LIMITED', quota };
    }
    this.#needs.usage.recordAllowed(key.id, now);
    return { ...decision, quota };
  }

  /** The caller that holds this key as its credential; throws the refusal. Takes no quota: limits are for `verify`. */
  async authenticate(keyText: string, origin: Origin): Promise<Caller> {
    const now = this.#needs.clock.now();
    const record = await this.#find(keyText);
    const decision = verify(record, { workspaceId: null, permissions: [] }, now);
    if (decision.code !== 'VALID') throw new AppError(decision.code);
    const { key, holds } = decision;
    this.#needs.usage.recordUse(key.id, now);
    return {
      kind: 'key',
      workspaceId: key.workspaceId,
      userId: key.owner.id,
      keyId: key.id,
      permissions: new Set(holds),
      bounds: boundsOf(key),
      origin,
    };
  }

  #recordRefusal(record: KeyRecord, input: VerifyInput, now: number): void {
    const refusal = firstRefusal(record, input, now);
    if (!refusal || refusal.code === 'KEY_INVALID') return;
    const { step, code } = refusal;
    const missing = step === 'permission' ? missingOf(record, input) : [];
    this.#needs.usage.recordDenied(record.key.id, code, now, { step, missing, cost: input.cost });
  }

  async #find(keyText: string): Promise<KeyRecord | null> {
    if (!isKeyText(keyText)) return null;
    const record = await this.#needs.lookup.findByDigest(this.#needs.keyring.digest(keyText));
    if (record && !record.key.isIntact) this.#needs.onAltered(record.key);
    return record;
  }
}
