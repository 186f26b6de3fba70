import type { Change } from '../domain/shared/change-feed.ts';

type Keep = (name: string, value: unknown) => void;

/**
 * What work that shares a transaction has read, and nobody else can change before it ends: the next piece of work need not
 * ask again. Whoever writes in the transaction what is read here says so.
 */
export class GroupMemory {
  #known = new Map<string, unknown>();

  /** What is known by this name, else what is read now. A miss is not kept. */
  async recall<T>(name: string, read: () => Promise<T | null>): Promise<T | null> {
    const known = this.get<T>(name);
    if (known !== undefined) return known;
    const keep = this.keeper();
    const found = await read();
    if (found !== null) keep(name, found);
    return found;
  }

  /** Undefined where it is not known. */
  get<T>(name: string): T | undefined {
    return this.#known.get(name) as T | undefined;
  }

  set(name: string, value: unknown): void {
    this.#known.set(name, value);
  }

  /** Keeps what is read from now on, unless something is forgotten or somebody knows better before it is there. */
  keeper(): Keep {
    const known = this.#known;
    return (name, value) => {
      if (!known.has(name)) known.set(name, value);
    };
  }

  /** A secret is nothing that is read here, and a key nothing that anything else hangs on. */
  forget(change: Change): void {
    if (change.kind === 'secret') return;
    this.#known = change.kind === 'key' ? new Map(this.#known) : new Map();
    if (change.kind === 'key') this.#known.delete(change.keyId);
  }

  clear(): void {
    this.#known = new Map();
  }
}
