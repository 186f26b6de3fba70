import type { CompiledQuery, Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** By the id of a query. */
const signals = new WeakMap<object, AbortSignal>();

/**
 * Returns the same database, with a signal: once it is aborted, statements outside a transaction that have not begun are
 * not run and fail with UNAVAILABLE.
 */
export function withSignal(db: Kysely<Tables>, signal: AbortSignal): Kysely<Tables> {
  return db.withPlugin({
    transformQuery({ node, queryId }) {
      signals.set(queryId, signal);
      return node;
    },
    transformResult: async ({ result }) => result,
  });
}

export function signalOf({ queryId }: CompiledQuery): AbortSignal | undefined {
  return signals.get(queryId);
}
