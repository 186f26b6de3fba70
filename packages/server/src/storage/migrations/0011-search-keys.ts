import type { Kysely } from 'kysely';
import { searchKey } from '../../domain/shared/text/search-key.ts';

/** Keys in one statement. */
const BATCH = 1_000;

type Named = { api_keys: { id: string; name: string; name_folded: string } };

/** Changes `name_folded` from the name in lower case to its search key. The index stays. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const named = db.withTables<Named>();
  for (let last = ''; ; ) {
    const rows = await named
      .selectFrom('api_keys')
      .select(['id', 'name', 'name_folded'])
      .where('id', '>', last)
      .orderBy('id')
      .limit(BATCH)
      .execute();
    for (const { id, name, name_folded } of rows) await recompute(named, id, name, name_folded);
    if (rows.length < BATCH) return;
    last = rows.at(-1)?.id ?? last;
  }
}

async function recompute(db: Kysely<Named>, id: string, name: string, before: string): Promise<void> {
  const name_folded = searchKey(name);
  if (name_folded === before) return;
  await db.updateTable('api_keys').set({ name_folded }).where('id', '=', id).execute();
}
