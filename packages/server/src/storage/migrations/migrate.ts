import { type Kysely, type Migration, Migrator } from 'kysely';
import type { Keyring } from '../../domain/shared/keyring.ts';
import { OperatorError } from '../../domain/shared/operator-error.ts';
import type { Tables } from '../tables.ts';
import { up as firstTables } from './0001-first-tables.ts';
import { up as audit } from './0002-audit.ts';
import { up as sessions } from './0003-sessions.ts';
import { up as usage } from './0004-usage.ts';
import { up as listing } from './0005-listing.ts';
import { up as identity } from './0006-identity.ts';
import { up as retiredPermissions } from './0007-retired-permissions.ts';
import { up as descent } from './0008-descent.ts';
import { up as people } from './0009-people.ts';
import { up as caps } from './0010-caps.ts';
import { up as searchKeys } from './0011-search-keys.ts';
import { up as headFile } from './0013-head-file.ts';
import { up as lists } from './0014-lists.ts';
import { up as keyUse } from './0015-key-use.ts';
import { up as secrets } from './0016-secrets.ts';
import { up as operations } from './0017-operations.ts';
import { up as sharedChanges } from './0018-shared-changes.ts';
import { up as lastUse } from './0019-last-use.ts';
import { up as instances } from './0020-instances.ts';
import { up as pepperRotation } from './0021-pepper-rotation.ts';
import { up as instancePeppers } from './0022-instance-peppers.ts';

interface SchemaChange {
  up(db: Kysely<unknown>, keyring: Keyring): Promise<void>;
}

/** All migrations, in order. They are numbered, forward only, and never edited after a release. There was never a 0012. */
const MIGRATIONS: Readonly<Record<string, SchemaChange>> = {
  '0001-first-tables': { up: firstTables },
  '0002-audit': { up: audit },
  '0003-sessions': { up: sessions },
  '0004-usage': { up: usage },
  '0005-listing': { up: listing },
  '0006-identity': { up: identity },
  '0007-retired-permissions': { up: retiredPermissions },
  '0008-descent': { up: descent },
  '0009-people': { up: people },
  '0010-caps': { up: caps },
  '0011-search-keys': { up: searchKeys },
  '0013-head-file': { up: headFile },
  '0014-lists': { up: lists },
  '0015-key-use': { up: keyUse },
  '0016-secrets': { up: secrets },
  '0017-operations': { up: operations },
  '0018-shared-changes': { up: sharedChanges },
  '0019-last-use': { up: lastUse },
  '0020-instances': { up: instances },
  '0021-pepper-rotation': { up: pepperRotation },
  '0022-instance-peppers': { up: instancePeppers },
};

/**
 * Migrates the schema to the version of this build, and returns the names of the migrations that it ran. Safe if several
 * processes start at once: one migrates, the others wait. Throws OperatorError and changes nothing if the database was
 * written by a newer build or with another pepper. Rows whose sealed fields change are sealed again with the keyring.
 */
export async function migrate(db: Kysely<Tables>, keyring: Keyring): Promise<readonly string[]> {
  const migrations = Object.fromEntries(
    Object.entries(MIGRATIONS).map(([name, { up }]): [string, Migration] => [
      name,
      { up: (db) => up(db, keyring) },
    ]),
  );
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  await requireKnownSchema(db);
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error) throw error;
  return results.map(({ migrationName }) => migrationName);
}

/** The migrations that the database has, and those that it lacks. Creates nothing. */
export interface SchemaState {
  readonly applied: readonly string[];
  readonly pending: readonly string[];
}

export async function schemaStateOf(db: Kysely<Tables>): Promise<SchemaState> {
  const applied = await appliedTo(db);
  return { applied, pending: Object.keys(MIGRATIONS).filter((name) => !applied.includes(name)) };
}

/** Throws OperatorError if the database was written by a newer build. */
export async function requireKnownSchema(db: Kysely<Tables>): Promise<void> {
  const unknown = (await appliedTo(db)).filter((name) => !(name in MIGRATIONS));
  if (unknown.length > 0) {
    throw new OperatorError(
      `the database was written by a newer Latchkey (schema ${unknown.join(', ')}). Start that version, or a later one`,
    );
  }
}

async function appliedTo(db: Kysely<Tables>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return [];
  const rows = await db
    .withTables<{ kysely_migration: { name: string } }>()
    .selectFrom('kysely_migration')
    .select('name')
    .execute();
  return rows.map(({ name }) => name);
}

/** Does the database have the column? Works with any version of the schema. */
export async function hasColumn<Table extends keyof Tables>(
  db: Kysely<Tables>,
  table: Table,
  column: keyof Tables[Table] & string,
): Promise<boolean> {
  const tables = await db.introspection.getTables();
  return tables.some(({ name, columns }) => name === table && columns.some(({ name }) => name === column));
}
