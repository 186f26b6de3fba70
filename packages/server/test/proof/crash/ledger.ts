import type { Random } from '../../harness/random.ts';

/** Every field of a key that can change, as it is stored. Instants are milliseconds since 1970. */
export interface KeyState {
  readonly name: string;
  readonly isActive: boolean;
  readonly expiresAt: number | null;
  readonly requestsPerMinute: number | null;
  readonly requestsPerDay: number | null;
  readonly isRevoked: boolean;
  readonly revokedReason: string | null;
  readonly version: number;
  readonly hint: string;
  /** Secrets the key has had, the present one included. */
  readonly secrets: number;
}

export type KeyLimits = Pick<KeyState, 'expiresAt' | 'requestsPerMinute' | 'requestsPerDay'>;

/** A secret whose text was in an answer. It expires between the two instants; `Infinity`: it is the current secret. */
export interface KnownSecret {
  readonly text: string;
  endsAfter: number;
  endsBefore: number;
}

/** A call that made a key or a secret, to be repeated with the same Idempotency-Key. */
export interface RepeatableCall {
  readonly path: string;
  readonly body: object;
  readonly as: string;
  readonly idempotencyKey: string;
}

/** A key that was in an answer, or was found in the database after a crash. */
export interface LedgerKey {
  readonly id: string;
  state: KeyState;
  readonly secrets: KnownSecret[];
  /** The cycle of its last change. */
  touchedIn: number;
  /** A change of the key is pending, so no other change is started. */
  isBusy: boolean;
}

/** A key and the keys made with it, directly or not. Its root is busy while anything of it changes. */
export interface Family {
  readonly root: LedgerKey;
  readonly members: LedgerKey[];
}

/** A change that was sent and not acknowledged before the process died: it must be stored as a whole, or not at all. */
export type Doubt =
  | {
      readonly kind: 'create';
      /** The list that the key joins. */
      readonly into: LedgerKey[];
      /** The key that is busy while this one is made. */
      readonly busy: LedgerKey | null;
      readonly expected: KeyState;
      readonly repeat: RepeatableCall | null;
    }
  | {
      readonly kind: 'rotate';
      readonly key: LedgerKey;
      readonly overlapMs: number;
      readonly sentAt: number;
      readonly repeat: RepeatableCall | null;
    }
  | {
      readonly kind: 'change';
      readonly targets: readonly { readonly key: LedgerKey; readonly after: KeyState }[];
      /** True: either all targets change or none; false: each target by itself. */
      readonly isAtomic: boolean;
    };

/** A rotation that happened between two instants. When no answer contained the new secret, only its hint is known. */
export interface Rotation {
  readonly secret: string | null;
  readonly hint: string;
  readonly after: number;
  readonly before: number;
  readonly overlapMs: number;
}

/**
 * What the service has acknowledged. It is kept in the memory of the test, which outlives every process it kills, and
 * written before any call is sent that depends on it.
 */
export class Ledger {
  readonly keys = new Map<string, LedgerKey>();
  /** Keys that single changes may pick. */
  readonly singles: LedgerKey[] = [];
  /** Those whose root is not revoked. */
  readonly families: Family[] = [];
  readonly doubts = new Set<Doubt>();
  /** Calls of this cycle with an Idempotency-Key and the secret that each was answered. */
  answered: { readonly repeat: RepeatableCall; readonly key: LedgerKey; readonly secret: string }[] = [];

  /** Adds a key. Its secret may be added later. */
  add(id: string, state: KeyState, into: LedgerKey[], cycle: number): LedgerKey {
    const key: LedgerKey = { id, state, secrets: [], touchedIn: cycle, isBusy: false };
    this.keys.set(id, key);
    into.push(key);
    return key;
  }

  /** Adds the current secret of a key. */
  learn(key: LedgerKey, secret: string): void {
    key.secrets.push({
      text: secret,
      endsAfter: Number.POSITIVE_INFINITY,
      endsBefore: Number.POSITIVE_INFINITY,
    });
  }

  /** Picks up to `count` different single keys that have no pending change, and marks them as busy. */
  takeSingles(random: Random, count: number): LedgerKey[] {
    const picked = Array.from({ length: count }, () => pickFrom(random, this.singles));
    const free = [...new Set(picked)].flatMap((key) => (key && !key.isBusy ? [key] : []));
    for (const key of free) key.isBusy = true;
    return free;
  }

  /** No longer picks this single key. */
  retire(key: LedgerKey): void {
    this.singles.splice(this.singles.indexOf(key), 1);
  }

  /** Adds a rotation. The current secret ends after the overlap, earlier ones end at once. */
  rotated(key: LedgerKey, { secret, hint, after, before, overlapMs }: Rotation): void {
    for (const old of key.secrets) {
      const wait = old.endsAfter === Number.POSITIVE_INFINITY ? overlapMs : 0;
      old.endsAfter = Math.min(old.endsAfter, after + wait);
      old.endsBefore = Math.min(old.endsBefore, before + wait);
    }
    key.state = { ...key.state, hint, version: key.state.version + 1, secrets: key.state.secrets + 1 };
    if (secret !== null) this.learn(key, secret);
  }

  /** The keys of which something changed in this cycle or later. */
  touchedSince(cycle: number): LedgerKey[] {
    return [...this.keys.values()].filter((key) => key.touchedIn >= cycle);
  }
}

/** One of the items; undefined where there are none. */
export function pickFrom<T>(random: Random, items: readonly T[]): T | undefined {
  return items.length === 0 ? undefined : random.pick(items);
}

/** The state of a key right after its creation, without its hint, which depends on the secret. */
export function createdState(name: string, limits: Partial<KeyLimits>): KeyState {
  return {
    name,
    isActive: true,
    expiresAt: null,
    requestsPerMinute: null,
    requestsPerDay: null,
    ...limits,
    isRevoked: false,
    revokedReason: null,
    version: 1,
    hint: '',
    secrets: 1,
  };
}

/** What may be shown of a secret: everything up to the last `_`, and the last four characters. */
export function hintOf(secret: string): string {
  return `${secret.slice(0, secret.lastIndexOf('_') + 1)}…${secret.slice(-4)}`;
}
