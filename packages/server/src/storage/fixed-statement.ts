import type { Compilable, CompiledQuery, Kysely, QueryResult } from 'kysely';
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
    const values = new Map(Object.entries(given));
    const compiled = this.#compiledFor(db, values.keys());
    const parameters = compiled.parameters.map((one) => (one instanceof Slot ? values.get(one.name) : one));
    return db.executeQuery({ ...compiled, parameters });
  }

  async first(db: Kysely<Tables>, given: Parameters): Promise<Row | undefined> {
    const { rows } = await this.run(db, given);
    return rows[0];
  }

  #compiledFor(db: Kysely<Tables>, names: Iterable<string>): CompiledQuery<Row> {
    const { adapter } = db.getExecutor();
    const known = this.#compiled.get(adapter);
    if (known) return known;
    const slots: unknown = Object.fromEntries([...names].map((name) => [name, new Slot(name)]));
    const compiled = this.#build(db, slots as Parameters).compile();
    this.#compiled.set(adapter, compiled);
    return compiled;
  }
}
