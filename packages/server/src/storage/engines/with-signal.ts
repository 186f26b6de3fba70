import type { CompiledQuery, Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** By the id of a query. */
const signals = new WeakMap<object, AbortSignal>();

/**
 * The database, except that a statement outside a transaction that has not begun when the signal is aborted is not run, and
 * fails with UNAVAILABLE.
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
