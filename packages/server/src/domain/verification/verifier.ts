import type { Permission, VerdictCode } from '@latchkey/contract';
import { boundsOf, type Key } from '../keys/key.ts';
import type { KeyLookup, KeyRecord } from '../keys/key-store.ts';
import { isKeyText } from '../keys/key-text.ts';
import { AppError } from '../shared/app-error.ts';
import type { Caller, Origin } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { LastUsed } from '../usage/last-used.ts';
import { NO_QUOTA, type QuotaCounters, type QuotaState } from './limits/quota-counters.ts';
import { type Decision, type Question, verify } from './verify.ts';

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
  readonly lastUsed: LastUsed;
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

  /** Judges a key and, where it may, takes `cost` from its limits. */
  async verify(input: VerifyInput): Promise<Verdict> {
    const now = this.#needs.clock.now();
    const decision = await this.#decide(input.keyText, input, now);
    if (decision.code !== 'VALID') return { ...decision, quota: NO_QUOTA };
    const quota = await this.#needs.counters.spend(decision.key, input.cost, now);
    if (quota.retryAfterSeconds !== null) return { ...decision, code: 'RATE_LIMITED', quota };
    this.#needs.lastUsed.record(decision.key.id, now);
    return { ...decision, quota };
  }

  /** The caller that holds this key as its credential; throws the refusal. Takes no quota: limits are for `verify`. */
  async authenticate(keyText: string, origin: Origin): Promise<Caller> {
    const now = this.#needs.clock.now();
    const decision = await this.#decide(keyText, { workspaceId: null, permissions: [] }, now);
    if (decision.code !== 'VALID') throw new AppError(decision.code);
    const { key, holds } = decision;
    this.#needs.lastUsed.record(key.id, now);
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

  async #decide(keyText: string, question: Question, now: number): Promise<Decision> {
    const record = await this.#find(keyText);
    if (record && !record.key.isIntact) this.#needs.onAltered(record.key);
    return verify(record, question, now);
  }

  async #find(keyText: string): Promise<KeyRecord | null> {
    if (!isKeyText(keyText)) return null;
    return this.#needs.lookup.findByDigest(this.#needs.keyring.digest(keyText));
  }
}
