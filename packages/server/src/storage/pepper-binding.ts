import type { Kysely } from 'kysely';
import { OperatorError } from '../domain/shared/operator-error.ts';
import type { Tables } from './tables.ts';

/**
 * Binds the database to the pepper at its first start. Throws OperatorError if it is bound to another one, since every key
 * would be invalid with the wrong pepper.
 */
export async function bindPepper(db: Kysely<Tables>, pepperId: string, now: number): Promise<void> {
  await db
    .insertInto('installation')
    .values({ id: 1, pepper_id: pepperId, created_at: now })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  await requireOwnPepper(db, pepperId);
}

/** Throws OperatorError if the database is bound to another pepper. Does nothing if it is not bound yet. */
export async function requireOwnPepper(db: Kysely<Tables>, pepperId: string): Promise<void> {
  const row = await db.selectFrom('installation').select('pepper_id').executeTakeFirst();
  if (row && row.pepper_id !== pepperId) {
    throw new OperatorError(
      `the database was made with another pepper (${row.pepper_id}) than the one configured (${pepperId}). Restore the pepper that belongs to it`,
    );
  }
}
