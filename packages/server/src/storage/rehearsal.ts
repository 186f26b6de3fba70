import { type Kysely, sql } from 'kysely';
import type { UnitOfWork } from '../domain/shared/unit-of-work.ts';
import type { Database, LockChain } from './engines/engine.ts';
import type { Tables } from './tables.ts';
import type { TransactionCache } from './transaction-cache.ts';

/** What the stores of a rehearsal need of its transaction. */
export interface Scope {
  readonly cache: TransactionCache;
  readonly lockChain: LockChain | null;
}

/** The outcome of a rehearsal, thrown so that its transaction is rolled back. */
class Rehearsed {
  readonly outcome: unknown;

  constructor(outcome: unknown) {
    this.outcome = outcome;
  }
}

/** As `Rehearsal.rehearse`, with the stores that `storesOver` returns. */
export async function rehearse<Stores, T>(
  database: Pick<Database, 'transact'>,
  storesOver: (db: Kysely<Tables>, scope: Scope) => Stores,
  change: (unitOfWork: UnitOfWork<Stores>) => Promise<T>,
): Promise<T> {
  try {
    return await database.transact(async (db, cache, lockChain) => {
      const transact: UnitOfWork<Stores>['transact'] = (work) =>
        inSavepoint(db, cache, () => work(storesOver(db, { cache, lockChain })));
      throw new Rehearsed(await change({ transact }));
    });
  } catch (error) {
    if (error instanceof Rehearsed) return error.outcome as T;
    throw error;
  }
}

/** If `work` rejects, its writes are rolled back, and the transaction goes on. */
async function inSavepoint<T>(
  db: Kysely<Tables>,
  cache: TransactionCache,
  work: () => Promise<T>,
): Promise<T> {
  await sql`savepoint part`.execute(db);
  try {
    const result = await work();
    await sql`release savepoint part`.execute(db);
    return result;
  } catch (error) {
    cache.clear();
    await sql`rollback to savepoint part`.execute(db);
    await sql`release savepoint part`.execute(db);
    throw error;
  }
}
