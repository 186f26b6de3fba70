import type { Compilable, CompiledQuery, Kysely, QueryResult } from 'kysely';
import type { DeferredWrite } from '../engines/engine.ts';
import type { Tables } from '../tables.ts';

/** A placeholder in a statement for the parameter of this name. */
class Slot {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * A statement of which only the parameters change. It is compiled once, since that takes longer than a run. For statements
 * that every change runs.
 */
export class PreparedQuery<Parameters extends object, Row = unknown> {
  readonly #build: (db: Kysely<Tables>, parameters: Parameters) => Compilable<Row>;
  /** By engine, since a `Kysely` of a transaction is short-lived. */
  readonly #compiled = new WeakMap<object, CompiledQuery<Row>>();

  /** `build` gets placeholders, which it can only use as values. Every run must have all parameters. */
  constructor(build: (db: Kysely<Tables>, parameters: Parameters) => Compilable<Row>) {
    this.#build = build;
  }

  run(db: Kysely<Tables>, given: Parameters): Promise<QueryResult<Row>> {
    return db.executeQuery(this.#withParameters(db, given));
  }

  async first(db: Kysely<Tables>, given: Parameters): Promise<Row | undefined> {
    const { rows } = await this.run(db, given);
    return rows[0];
  }

  /**
   * Writes one row. Outside a transaction, returns false if no row was written. In a transaction, the write is deferred:
   * returns true at once, and the transaction fails later if no row was written.
   */
  async writeOne(db: Kysely<Tables>, given: Parameters): Promise<boolean> {
    const query: DeferredWrite = { ...this.#withParameters(db, given), changes: 1 };
    const { numAffectedRows = 1n } = await db.executeQuery(query);
    return numAffectedRows === 1n;
  }

  #withParameters(db: Kysely<Tables>, given: Parameters): CompiledQuery<Row> {
    const compiled = this.#compiledFor(db, given);
    const values = given as Readonly<Record<string, unknown>>;
    const parameters = compiled.parameters.map((one) => (one instanceof Slot ? values[one.name] : one));
    return { ...compiled, parameters };
  }

  #compiledFor(db: Kysely<Tables>, given: Parameters): CompiledQuery<Row> {
    const { adapter } = db.getExecutor();
    const cached = this.#compiled.get(adapter);
    if (cached) return cached;
    const slots: unknown = Object.fromEntries(Object.keys(given).map((name) => [name, new Slot(name)]));
    // Without plugins, since all callers share it, and one of them may have an abort signal.
    const compiled = this.#build(db.withoutPlugins(), slots as Parameters).compile();
    this.#compiled.set(adapter, compiled);
    return compiled;
  }
}
