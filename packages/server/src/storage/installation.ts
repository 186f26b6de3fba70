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
  const row = await db.selectFrom('installation').select('pepper_id').executeTakeFirstOrThrow();
  if (row.pepper_id !== pepperId) {
    throw new OperatorError(
      `the database was made with another pepper (${row.pepper_id}) than the one configured (${pepperId}). Restore the pepper that belongs to it`,
    );
  }
}
