import type { CompiledQuery, Kysely } from 'kysely';
import { pieces } from '../pieces.ts';
import type { Tables } from '../tables.ts';

/**
 * A statement over many rows. It is compiled once for each number of rows, since that takes longer than a run, and then run
 * with the parameters of other rows.
 */
export class PieceStatement<Row> {
  readonly #compile: (db: Kysely<Tables>, rows: readonly Row[]) => CompiledQuery;
  readonly #parametersOf: (row: Row) => readonly unknown[];
  /** By engine, since a `Kysely` of a transaction is short-lived, and by number of rows. */
  readonly #compiled = new WeakMap<object, Map<number, CompiledQuery>>();

  /** `parametersOf`: all values of a row that `compile` uses, in the same order. */
  constructor(
    compile: (db: Kysely<Tables>, rows: readonly Row[]) => CompiledQuery,
    parametersOf: (row: Row) => readonly unknown[],
  ) {
    this.#compile = compile;
    this.#parametersOf = parametersOf;
  }

  /** Runs it over all rows, in their order. */
  async run(db: Kysely<Tables>, rows: readonly Row[]): Promise<void> {
    for (const piece of pieces(rows)) {
      const parameters = piece.flatMap(this.#parametersOf);
      await db.executeQuery({ ...this.#compiledFor(db, piece, parameters), parameters });
    }
  }

  #compiledFor(db: Kysely<Tables>, piece: readonly Row[], parameters: readonly unknown[]): CompiledQuery {
    const { adapter } = db.getExecutor();
    const ofEngine = this.#compiled.get(adapter) ?? new Map<number, CompiledQuery>();
    this.#compiled.set(adapter, ofEngine);
    const cached = ofEngine.get(piece.length);
    if (cached) return cached;
    const compiled = this.#compile(db, piece);
    const isSame = compiled.parameters.every((parameter, index) => parameter === parameters[index]);
    if (!isSame || compiled.parameters.length !== parameters.length)
      throw new Error(`parameters in another order: ${compiled.sql}`);
    ofEngine.set(piece.length, compiled);
    return compiled;
  }
}
