interface Entry<Value> {
  value: Value;
  uses: number;
  readonly name: string;
}

/** Values that many records share: each is stored once, under a number, until its last use is released. */
export class InternTable<Value> {
  readonly #entries: (Entry<Value> | null)[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #free: number[] = [];

  /** Returns a number for the value, which replaces any value of the same name. Release each taken number once. */
  take(name: string, value: Value): number {
    const taken = this.#numbers.get(name);
    const entry = taken === undefined ? null : this.#entries[taken];
    if (taken !== undefined && entry) {
      entry.value = value;
      entry.uses++;
      return taken;
    }
    const number = this.#free.pop() ?? this.#entries.length;
    this.#entries[number] = { value, uses: 1, name };
    this.#numbers.set(name, number);
    return number;
  }

  /** Throws when the number is not taken. */
  get(number: number): Value {
    const entry = this.#entries[number];
    if (!entry) throw new Error(`Nothing is interned under ${number}`);
    return entry.value;
  }

  release(number: number): void {
    const entry = this.#entries[number];
    if (!entry || --entry.uses > 0) return;
    this.#entries[number] = null;
    this.#numbers.delete(entry.name);
    this.#free.push(number);
  }

  /** The values in use. */
  *values(): Generator<Value> {
    for (const entry of this.#entries) if (entry) yield entry.value;
  }

  find(name: string): Value | undefined {
    const number = this.#numbers.get(name);
    return number === undefined ? undefined : this.get(number);
  }
}
