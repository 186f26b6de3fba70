import { type Kysely, PostgresAdapter, sql } from 'kysely';

const CONDITIONS = {
  living_keys: sql`revoked_at is null`,
  revoked_keys: sql`revoked_at is not null`,
};

/**
 * A key without a use is sorted before all others. An index of SQLite has nulls first; one of PostgreSQL has them last, unless
 * it says otherwise.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  if (!(db.getExecutor().adapter instanceof PostgresAdapter)) return;
  for (const [side, condition] of Object.entries(CONDITIONS)) {
    const name = sql.ref(`${side}_by_last_used_at`);
    await sql`drop index ${name}`.execute(db);
    const columns = sql`workspace_id, last_used_at nulls first, id, created_at, revoked_at`;
    await sql`create index ${name} on api_keys (${columns}) where ${condition}`.execute(db);
  }
}
