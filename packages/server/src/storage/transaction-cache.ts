import type { Invalidation } from '../domain/shared/change-feed.ts';

interface Cached {
  readonly value: unknown;
  /** The key that the value depends on; null: it does not depend on a single key. */
  readonly keyId: string | null;
}

/**
 * Rows that were read in one transaction, for the units of work that share it. Each unit of work must call `set` or
 * `invalidate` for the cached rows that it changes.
 */
export class TransactionCache {
  #cached = new Map<string, Cached>();

  /** The cached value of the name; otherwise the result of `read`, which is then cached. */
  async recall<T>(name: string, read: () => Promise<T>, keyId: string | null = null): Promise<T> {
    const cached = this.#cached;
    const found = cached.get(name);
    if (found) return found.value as T;
    const value = await read();
    // Another call may have set the value meanwhile; an invalidation has replaced the map.
    if (!cached.has(name)) cached.set(name, { value, keyId });
    return value;
  }

  /** Undefined on a miss. */
  get<T>(name: string): T | undefined {
    return this.#cached.get(name)?.value as T | undefined;
  }

  set(name: string, value: unknown): void {
    this.#cached.set(name, { value, keyId: null });
  }

  delete(name: string): void {
    this.#cached.delete(name);
  }

  /** Drops what may depend on the change. Secrets are not cached; all other changes but those of a key drop everything. */
  invalidate(change: Invalidation): void {
    if (change.kind === 'secret') return;
    const kept =
      change.kind === 'key' ? [...this.#cached].filter(([, { keyId }]) => keyId !== change.keyId) : [];
    this.#cached = new Map(kept);
  }

  clear(): void {
    this.#cached = new Map();
  }
}
