import type { Invalidation } from '../../domain/shared/change-feed.ts';

type Keep = (name: string, value: unknown) => void;

/**
 * A cache of rows that was read in a transaction, shared by the work of a group. Nothing outside the transaction can change
 * them before it ends. Work that writes such a row must call `set` or `invalidate`.
 */
export class TransactionCache {
  #cached = new Map<string, unknown>();

  /** The cached value of the name; otherwise the result of `read`, which is cached unless it is null. */
  async recall<T>(name: string, read: () => Promise<T | null>): Promise<T | null> {
    const cached = this.get<T>(name);
    if (cached !== undefined) return cached;
    const keep = this.keeper();
    const found = await read();
    if (found !== null) keep(name, found);
    return found;
  }

  /** Undefined on a miss. */
  get<T>(name: string): T | undefined {
    return this.#cached.get(name) as T | undefined;
  }

  set(name: string, value: unknown): void {
    this.#cached.set(name, value);
  }

  /** Returns a function that caches what is read from now on, unless it was set or the cache was invalidated meanwhile. */
  keeper(): Keep {
    const cached = this.#cached;
    return (name, value) => {
      if (!cached.has(name)) cached.set(name, value);
    };
  }

  /** Secrets are not cached. No other entry depends on a key, so that only the key's own entry is dropped. */
  invalidate(change: Invalidation): void {
    if (change.kind === 'secret') return;
    this.#cached = change.kind === 'key' ? new Map(this.#cached) : new Map();
    if (change.kind === 'key') this.#cached.delete(change.keyId);
  }

  clear(): void {
    this.#cached = new Map();
  }
}
