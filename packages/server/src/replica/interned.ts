interface Entry<Value> {
  value: Value;
  uses: number;
  readonly name: string;
}

/** Values that many records share: each is kept once, under a number, for as long as a record uses it. */
export class Interned<Value> {
  readonly #entries: (Entry<Value> | null)[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #free: number[] = [];

  /** Takes a number for the value; what was there under this name becomes `value`. Each must be released once. */
  take(name: string, value: Value): number {
    const known = this.#numbers.get(name);
    const entry = known === undefined ? null : this.#entries[known];
    if (known !== undefined && entry) {
      entry.value = value;
      entry.uses++;
      return known;
    }
    const number = this.#free.pop() ?? this.#entries.length;
    this.#entries[number] = { value, uses: 1, name };
    this.#numbers.set(name, number);
    return number;
  }

  /** The number must be taken. */
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
