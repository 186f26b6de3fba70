import {
  type DecisionRequest,
  firstDenial,
  limitDenial,
  missingPermissions,
  type Permission,
  type Question,
  VERDICT_CODES,
  type VerdictCode,
} from '@latchkey/contract';
import { boundsOf, type Key } from '../keys/key.ts';
import type { KeyRecord } from '../keys/key-store.ts';
import { AppError } from '../shared/app-error.ts';
import { type Caller, type ClientInfo, verifierPermissions } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import { withTimeout } from '../shared/with-timeout.ts';
import type { UsageRecorder } from '../usage/usage-recorder.ts';
import { NO_QUOTA, type QuotaCounters, type QuotaState } from './limits/quota-counters.ts';
import type { Replica } from './replica.ts';
import { type Decision, type KeyDecision, verify } from './verify.ts';

/** Milliseconds to wait for the store: long enough for a slow store, shorter than the timeouts of gateways. */
const WAIT_MS_MAX = 1_000;

export interface VerifyInput extends DecisionRequest {
  readonly keyText: string;
}

export interface Verdict {
  readonly code: VerdictCode;
  /** Null unless the secret belongs to a key of the calling workspace. */
  readonly key: Key | null;
  /** The permissions that the key can use now: its frozen set, reduced by the cap of its workspace. Empty without a key. */
  readonly holds: readonly Permission[];
  readonly missing: readonly Permission[];
  readonly quota: QuotaState;
  /** The quota that was requested. */
  readonly cost: number;
}

export interface VerifierNeeds {
  readonly replica: Replica;
  /** The digest under which the secret of a key is stored. */
  readonly storedDigest: (keyText: string) => Promise<string>;
  readonly counters: QuotaCounters;
  readonly usage: UsageRecorder;
  readonly clock: Clock;
  /** Called at each use of a key whose stored row was edited outside of this service. */
  readonly onAltered: (key: Key) => void;
}

/** Checks whether a key is valid and holds permissions. A denial is a verdict, not an exception. */
export class Verifier {
  readonly #needs: VerifierNeeds;
  /** The number of verdicts since the start, by code. */
  readonly verdicts = Object.fromEntries(VERDICT_CODES.map((code) => [code, 0])) as Record<
    VerdictCode,
    number
  >;

  constructor(needs: VerifierNeeds) {
    this.#needs = needs;
  }

  /**
   * Checks a key and, if it is valid, takes `cost` from its limits. Each verdict about a key is counted. Throws UNAVAILABLE
   * and takes nothing when the store does not answer within a second.
   */
  async verify(input: VerifyInput): Promise<Verdict> {
    return this.verifyNow(input) ?? this.verifyUncached(input);
  }

  /** The rest of `verify` for a key for which `verifyNow` has just returned null. */
  async verifyUncached(input: VerifyInput): Promise<Verdict> {
    const record = await this.#load(input.keyText);
    const now = this.#needs.clock.now();
    const decision = this.#decide(record, input, now);
    if (decision.code !== 'VALID') return this.#deny(record, decision, input, now);
    const quota = this.#needs.counters.spend(decision.key, input.cost, now);
    if (quota instanceof Promise) return this.#settleLater(quota, input);
    return this.#settle(decision, record, quota, input, now);
  }

  /**
   * As `verify`, but synchronous where that is possible: a promise when only the quota has to be asked for, and null, with
   * nothing taken, when the key has to be read.
   */
  verifyNow(input: VerifyInput): Verdict | Promise<Verdict> | null {
    const { replica, counters, clock } = this.#needs;
    const now = clock.now();
    const found = replica.peek(input.keyText);
    if (found === 'not-cached') return null;
    if (found === 'no-such-key') return this.#deny(null, this.#decide(null, input, now), input, now);
    const decision = this.#decide(found, input, now);
    if (decision.code !== 'VALID') {
      replica.recordDenial(input.keyText);
      return this.#deny(found, decision, input, now);
    }
    const quota = counters.spend(decision.key, input.cost, now);
    if (quota instanceof Promise) return this.#settleLater(quota, input);
    return this.#settle(decision, found, quota, input, now);
  }

  /** True when it is certain, without a look-up, that no key has this text. */
  isUnknown(keyText: string): boolean {
    return this.#needs.replica.peek(keyText) === 'no-such-key';
  }

  /** The caller whose credential is this key. Throws the denial as an `AppError`. Takes no quota: only `verify` does. */
  async authenticate(keyText: string, client: ClientInfo): Promise<Caller> {
    const record = await this.#find(keyText);
    if (!record) throw new AppError('KEY_INVALID');
    const now = this.#needs.clock.now();
    const decision = this.#decide(record, { workspaceId: null, permissions: [] }, now);
    if (decision.code !== 'VALID') throw new AppError(decision.code);
    const { key, holds } = decision;
    this.#needs.usage.recordUse(key.id, now, isOld(record));
    return {
      kind: 'key',
      workspaceId: key.workspaceId,
      userId: key.owner.id,
      keyId: key.id,
      secretDigest: await this.#needs.storedDigest(keyText),
      keyUse: key.use,
      permissions: key.use === 'api' ? asSet(holds) : verifierPermissions(record.status.cap),
      bounds: boundsOf(key),
      client,
    };
  }

  /** Decides again after the wait for the quota, since the key may have changed meanwhile. */
  async #settleLater(pending: Promise<QuotaState>, input: VerifyInput): Promise<Verdict> {
    const quota = await pending;
    const record = await this.#find(input.keyText);
    const now = this.#needs.clock.now();
    const decision = this.#decide(record, input, now);
    if (decision.code !== 'VALID') return this.#deny(record, decision, input, now);
    return this.#settle(decision, record, quota, input, now);
  }

  #settle(
    decision: KeyDecision,
    record: KeyRecord | null,
    quota: QuotaState,
    { cost }: VerifyInput,
    now: number,
  ): Verdict {
    const { usage, replica } = this.#needs;
    const { key, holds, missing } = decision;
    const denial = limitDenial(quota, cost);
    this.verdicts[denial ? 'RATE_LIMITED' : 'VALID']++;
    if (!denial) {
      usage.recordAllowed(key.id, now, isOld(record));
      if (record) replica.recordUse(record, now);
      return { code: 'VALID', key, holds, missing, quota, cost };
    }
    usage.recordDenied(key.id, 'RATE_LIMITED', now, { step: denial.step, missing: [], cost });
    return { code: 'RATE_LIMITED', key, holds, missing, quota, cost };
  }

  #deny(record: KeyRecord | null, decision: Decision, input: VerifyInput, now: number): Verdict {
    this.verdicts[decision.code]++;
    const denial = record && firstDenial(record, input, now);
    if (denial && denial.code !== 'KEY_INVALID') {
      const missing = denial.step === 'permission' ? missingPermissions(record, input) : [];
      const reason = { step: denial.step, missing, cost: input.cost };
      this.#needs.usage.recordDenied(record.key.id, denial.code, now, reason);
    }
    return { ...decision, quota: NO_QUOTA, cost: input.cost };
  }

  #decide(record: KeyRecord | null, question: Question, now: number): Decision {
    if (record && !record.key.isIntact) this.#needs.onAltered(record.key);
    return verify(record, question, now);
  }

  async #find(keyText: string): Promise<KeyRecord | null> {
    const found = this.#needs.replica.peek(keyText);
    if (found === 'no-such-key') return null;
    return found === 'not-cached' ? this.#load(keyText) : found;
  }

  #load(keyText: string): Promise<KeyRecord | null> {
    return withTimeout(this.#needs.replica.load(keyText), WAIT_MS_MAX);
  }
}

/** Has a rotation replaced the secret of the record? */
function isOld(record: KeyRecord | null): boolean {
  return record !== null && record.secretRetiresAt !== null;
}

const sets = new WeakMap<readonly Permission[], ReadonlySet<Permission>>();

/** Keys with the same permissions share one list in memory, so the set is cached for each list. */
function asSet(permissions: readonly Permission[]): ReadonlySet<Permission> {
  const cached = sets.get(permissions);
  if (cached) return cached;
  const set = new Set(permissions);
  sets.set(permissions, set);
  return set;
}
