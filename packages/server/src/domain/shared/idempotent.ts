import { AppError } from './app-error.ts';
import type { Caller } from './caller.ts';
import type { Keyring } from './keyring.ts';

/** How long the same Idempotency-Key belongs to the same call, and how long its answer still has the secret. */
export const OUTCOME_KEPT_MS = 24 * 3_600_000;
const SECRET_KEPT_MS = 10 * 60_000;

/** The Idempotency-Key of a call. */
export interface Idempotency {
  /** As the client chose it. */
  readonly value: string;
  /** Method and route. */
  readonly operation: string;
  /** SHA-256 over the canonical form of path and body. */
  readonly fingerprint: string;
}

interface IdempotencyNeeds {
  readonly idempotency: IdempotencyStore;
  readonly keyring: Keyring;
  readonly now: number;
}

/** What an earlier call with the same value has left. */
export interface EarlierCall<T> {
  readonly subjectId: string;
  /** May the answer still have the secret that the earlier one had? */
  readonly isSecretKept: boolean;
  /** What the earlier call returned. */
  outcome(): T;
}

interface Work<T> {
  /** Makes the change. Its outcome is stored as JSON. */
  make(): Promise<T>;
  idOf(outcome: T): string;
  /** Returns the outcome of the earlier call, with the present state of its subject. */
  repeat(earlier: EarlierCall<T>): Promise<T>;
}

/** A JSON-safe outcome, and whether it is that of an earlier call. */
export type Idempotent<T> = T & { readonly isReplay: boolean };

/**
 * Runs `make`, or `repeat` if this caller's user has already made the same call with the same idempotency key in the last 24
 * hours. The outcome is stored in the transaction of the change itself, so that a retry after a crash finds either both or
 * neither, and of several concurrent calls one makes and the others repeat. IDEMPOTENCY_MISMATCH if the key was used for
 * another request. The caller's permissions must be checked before this.
 */
export async function idempotent<T extends object>(
  { idempotency: store, keyring, now }: IdempotencyNeeds,
  { workspaceId, userId }: Pick<Caller, 'workspaceId' | 'userId'>,
  idempotency: Idempotency | undefined,
  { make, idOf, repeat }: Work<T>,
): Promise<Idempotent<T>> {
  if (!idempotency) return { ...(await make()), isReplay: false };
  const { value, operation, fingerprint } = idempotency;
  const call = JSON.stringify(['replay', workspaceId, userId, operation, value]);
  const kept = await keyring.firstFound(call, (id) => store.find(workspaceId, id, now - OUTCOME_KEPT_MS));
  if (kept) {
    if (kept.fingerprint !== fingerprint) throw new AppError('IDEMPOTENCY_MISMATCH');
    const repeated = await repeat({
      subjectId: kept.subjectId,
      isSecretKept: now - kept.createdAt < SECRET_KEPT_MS,
      outcome: () => JSON.parse(keyring.decrypt(kept.sealed, value, kept.id)) as T,
    });
    return { ...repeated, isReplay: true };
  }
  const made = await make();
  const id = keyring.digest(call);
  const sealed = keyring.encrypt(JSON.stringify(made), value, id);
  await store.put({ id, workspaceId, subjectId: idOf(made), fingerprint, sealed, createdAt: now });
  return { ...made, isReplay: false };
}

/** The kept outcome of a call that carried an Idempotency-Key. */
export interface KeptOutcome {
  /** One-way: who called what with which value. */
  readonly id: string;
  readonly workspaceId: string;
  /** The id of what the call made or changed. */
  readonly subjectId: string;
  /** SHA-256 over the request; another one with the same value is denied. */
  readonly fingerprint: string;
  /** The answer, readable only with the client's own value. */
  readonly sealed: string;
  readonly createdAt: number;
}

export interface IdempotencyStore {
  /** Null on a miss, also where a kept outcome is older than `notBefore`. */
  find(workspaceId: string, id: string, notBefore: number): Promise<KeptOutcome | null>;

  /** Takes the place of an older outcome with the same id. */
  put(outcome: KeptOutcome): Promise<void>;

  /** Deletes what was kept before the instant; returns how many. */
  purge(before: number): Promise<number>;
}
