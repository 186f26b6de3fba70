import type { Compilable, CompiledQuery, Kysely, QueryResult } from 'kysely';
import type { DeferredWrite } from './engines/engine.ts';
import type { Tables } from './tables.ts';

/** Stands in a statement for the parameter of this name. */
class Slot {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * A statement of which only the parameters change. To compile one takes longer than to run it, so each is compiled once:
 * for what every change asks and writes.
 */
export class FixedStatement<Parameters extends object, Row = unknown> {
  readonly #build: (db: Kysely<Tables>, parameters: Parameters) => Compilable<Row>;
  /** By engine, which outlives its transactions. */
  readonly #compiled = new WeakMap<object, CompiledQuery<Row>>();

  /** `build` gets stand-ins for the parameters, all of which every run must have: it can only put them somewhere. */
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
   * Writes one row, and in a transaction does not wait for it. Resolves with whether the row was there to be written:
   * where it is not waited for always true, and the work fails where that proves wrong.
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
    const known = this.#compiled.get(adapter);
    if (known) return known;
    const slots: unknown = Object.fromEntries(Object.keys(given).map((name) => [name, new Slot(name)]));
    // Kept for every caller: no signal of one of them may be part of it.
    const compiled = this.#build(db.withoutPlugins(), slots as Parameters).compile();
    this.#compiled.set(adapter, compiled);
    return compiled;
  }
}
