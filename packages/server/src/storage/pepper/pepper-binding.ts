import type { Kysely } from 'kysely';
import type { Keyring } from '../../domain/shared/keyring.ts';
import { OperatorError } from '../../domain/shared/operator-error.ts';
import type { Database } from '../engines/engine.ts';
import type { Tables } from '../tables.ts';

/**
 * Binds the database to the newest pepper of the keyring at its first start. Else makes the pepper of the database the current
 * one of the keyring. Throws OperatorError if the keyring does not have it, since every key would be invalid without it.
 */
export async function bindPepper(db: Kysely<Tables>, keyring: Keyring, now: number): Promise<void> {
  await db
    .insertInto('installation')
    .values({ id: 1, pepper_id: keyring.pepperId, created_at: now })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  await requireOwnPepper(db, keyring);
}

/**
 * Makes the pepper of the database the current one of the keyring. Throws OperatorError if the keyring does not have it. Does
 * nothing if the database is not bound yet.
 */
export async function requireOwnPepper(db: Kysely<Tables>, keyring: Keyring): Promise<void> {
  const row = await db.selectFrom('installation').select('pepper_id').executeTakeFirst();
  if (!row) return;
  if (!keyring.pepperIds.includes(row.pepper_id)) throw missingPepper(keyring, row.pepper_id);
  keyring.use(row.pepper_id);
}

export function missingPepper({ pepperIds }: Keyring, pepperId: string): OperatorError {
  return new OperatorError(
    `the database was made with another pepper (${pepperId}) than the one configured (${pepperIds.join(', ')}). Restore the pepper that belongs to it`,
  );
}

/** The id of the pepper that the database is bound to. */
export async function currentPepper(db: Kysely<Tables>): Promise<string> {
  const row = await db.selectFrom('installation').select('pepper_id').executeTakeFirstOrThrow();
  return row.pepper_id;
}

/** Binds the database to the newest pepper of the keyring. False if it is bound to it already. */
export async function bindNewest(database: Database, keyring: Keyring, now: number): Promise<boolean> {
  const [newest = ''] = keyring.pepperIds;
  if (newest === (await currentPepper(database.db))) return false;
  await database.transact((db) =>
    db.updateTable('installation').set({ pepper_id: newest, pepper_since: now }).execute(),
  );
  keyring.use(newest);
  return true;
}
