import { type ConnectionProvider, type DatabaseConnection, type Dialect, type Driver, Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/**
 * Kysely over this one connection, of the same engine as `db`. Unlike Kysely's own transactions, it issues a statement
 * before the previous one has returned.
 */
export function overConnection(
  db: Kysely<Tables>,
  dialect: Dialect,
  connection: DatabaseConnection,
): Kysely<Tables> {
  return overConnections(db, dialect, { provideConnection: (consumer) => consumer(connection) });
}

/** Kysely over the connections of the provider, of the same engine as `db`. It has no transactions. */
export function overConnections(
  db: Kysely<Tables>,
  dialect: Dialect,
  provider: ConnectionProvider,
): Kysely<Tables> {
  const executor = db.getExecutor().withConnectionProvider(provider);
  return new Kysely<Tables>({ config: { dialect }, driver: NO_DRIVER, executor, dialect });
}

async function nested(): Promise<never> {
  throw new Error('transactions cannot be nested');
}

/** The driver of a `Kysely` that has its connection already. */
const NO_DRIVER: Driver = {
  init: async () => {},
  acquireConnection: nested,
  beginTransaction: nested,
  commitTransaction: nested,
  rollbackTransaction: nested,
  releaseConnection: async () => {},
  destroy: async () => {},
};
