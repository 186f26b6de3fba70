import type { CompiledQuery, Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/**
 * A statement over many rows. It is compiled once for each number of rows, since that takes longer than a run, and then run
 * with the parameters of other rows.
 */
export class BatchQuery<Row> {
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

/** The maximum number of rows in a piece, so that no engine gets too many parameters. */
const PIECE_MAX = 256;

/**
 * Splits the rows, in their order, into pieces whose lengths are powers of two. Statements over one piece then have few
 * different texts, so that an engine can cache all of them prepared.
 */
export function pieces<Row>(rows: readonly Row[]): Row[][] {
  const found: Row[][] = [];
  for (let start = 0; start < rows.length; ) {
    const length = Math.min(PIECE_MAX, 2 ** Math.floor(Math.log2(rows.length - start)));
    found.push(rows.slice(start, start + length));
    start += length;
  }
  return found;
}

/** The maximum number of values in the list of one statement. */
const PART = 500;

/** Splits the values into lists that are short enough for one statement. */
export function inParts<T>(values: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let start = 0; start < values.length; start += PART) parts.push(values.slice(start, start + PART));
  return parts;
}
