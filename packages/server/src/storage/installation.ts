import type { Kysely } from 'kysely';
import { OperatorError } from '../domain/shared/operator-error.ts';
import type { Tables } from './tables.ts';

/**
 * Binds the database to the pepper at its first start. Throws where it is bound to another one: with the wrong pepper
 * every key would look invalid.
 */
export async function bindPepper(db: Kysely<Tables>, pepperId: string, now: number): Promise<void> {
  await db
    .insertInto('installation')
    .values({ id: 1, pepper_id: pepperId, created_at: now })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  await requireOwnPepper(db, pepperId);
}

/** Throws where the database is bound to another pepper; does nothing where it is bound to none yet. */
export async function requireOwnPepper(db: Kysely<Tables>, pepperId: string): Promise<void> {
  const row = await db.selectFrom('installation').select('pepper_id').executeTakeFirst();
  if (row && row.pepper_id !== pepperId) {
    throw new OperatorError(
      `the database was made with another pepper (${row.pepper_id}) than the one configured (${pepperId}). Restore the pepper that belongs to it`,
    );
  }
}
