import { setImmediate as afterEvents } from 'node:timers/promises';
import { type Kysely, type SqlBool, sql } from 'kysely';
import type { Keyring } from '../../domain/shared/keyring.ts';
import type { Database } from '../engines/engine.ts';
import { PRIMARY_KEYS } from '../primary-keys.ts';
import { pagesByKey } from '../statements/keyset.ts';
import type { Tables } from '../tables.ts';
import {
  type AnyTables,
  SEALED_TABLES,
  type SealedRow,
  type SealedTable,
  sealedRows,
} from './sealed-tables.ts';

/** The number of rows in one transaction. */
const BATCH = 250;

/** The progress of a rotation of the pepper. */
export interface PepperState {
  /** The id of the pepper that makes everything new. */
  readonly current: string;
  /** The ids of the other peppers in the file. */
  readonly others: readonly string[];
  /** When the current pepper replaced another one; null: never. */
  readonly since: number | null;
  /** Secrets of keys that are not revoked, stored under digests of another pepper: keys that were not used since. */
  readonly keys: number;
  /** Rows that are sealed with another pepper. */
  readonly rows: number;
  /** Sessions, sign-in links and invitations from before, which work with the older pepper until they expire. */
  readonly tokens: number;
}

/** A pass over all tables. */
export interface Resealed {
  /** The number of rows that were sealed again. */
  readonly sealed: number;
  /** False if rows were left out because the signal was aborted. */
  readonly isWhole: boolean;
}

/**
 * Seals every row with the current pepper that was sealed with another one and is intact. A row that is changed meanwhile is
 * left to the next pass.
 */
export async function resealAll(
  database: Database,
  keyring: Keyring,
  signal: AbortSignal,
): Promise<Resealed> {
  let sealed = 0;
  for (const table of SEALED_TABLES) {
    const rows = otherwiseSealed(database.db, table, keyring);
    for await (const page of pagesByKey(rows, table.name, PRIMARY_KEYS[table.name], BATCH)) {
      if (signal.aborted) return { sealed, isWhole: false };
      sealed += await resealRows(database, keyring, table, page);
      await afterEvents();
    }
  }
  return { sealed, isWhole: true };
}

/** Rows whose seal is not of the current pepper; keys with their permissions as stored. */
function otherwiseSealed(db: Kysely<Tables>, table: SealedTable, keyring: Keyring) {
  const rows = notSealedBy(db, table, keyring).selectAll(table.name);
  return table.name === 'api_keys' ? rows.select('permission_sets.permissions') : rows;
}

function notSealedBy(db: Kysely<Tables>, table: SealedTable, { sealPrefix }: Keyring) {
  const seal = sql.ref(`${table.name}.${table.sealColumn}`);
  return sealedRows(db, table).where(sql<SqlBool>`substr(${seal}, 1, ${sealPrefix.length}) <> ${sealPrefix}`);
}

/** Returns the number of rows that were intact and not changed meanwhile. */
async function resealRows(
  { transact }: Database,
  keyring: Keyring,
  { name, sealColumn, kind, fieldsOf }: SealedTable,
  rows: readonly SealedRow[],
): Promise<number> {
  const intact = rows.filter((row) => keyring.isIntact(row[sealColumn], kind, fieldsOf(row)));
  if (intact.length === 0) return 0;
  const primaryKey: readonly string[] = PRIMARY_KEYS[name];
  return transact(async (db) => {
    const results = await Promise.all(
      intact.map((row) => {
        const update = (db as unknown as AnyTables)
          .updateTable(name)
          .set({ [sealColumn]: keyring.sealRow(kind, fieldsOf(row)) })
          .where(sealColumn, '=', row[sealColumn]);
        return primaryKey
          .reduce((query, column) => query.where(column, '=', row[column]), update)
          .executeTakeFirst();
      }),
    );
    return results.reduce((sum, { numUpdatedRows }) => sum + Number(numUpdatedRows), 0);
  });
}

/** Counts what still needs another pepper than the current one. Reads all tables with seals, if there are several peppers. */
export async function pepperStateOf(db: Kysely<Tables>, keyring: Keyring, now: number): Promise<PepperState> {
  const { pepperId: current, pepperIds } = keyring;
  const { pepper_since: since } = await db
    .selectFrom('installation')
    .select('pepper_since')
    .executeTakeFirstOrThrow();
  const others = pepperIds.filter((id) => id !== current);
  const none = { current, others, since, keys: 0, rows: 0, tokens: 0 };
  if (others.length === 0) return none;
  return {
    ...none,
    keys: await countKeys(db, current, now),
    rows: await countRows(db, keyring),
    tokens: since === null ? 0 : await countTokens(db, since, now),
  };
}

async function countKeys(db: Kysely<Tables>, current: string, now: number): Promise<number> {
  const { keys } = await db
    .selectFrom('api_key_secrets')
    .innerJoin('api_keys', 'api_keys.id', 'api_key_secrets.key_id')
    .where('pepper_id', '<>', current)
    .where('revoked_at', 'is', null)
    .where((row) => row.or([row('expires_at', 'is', null), row('expires_at', '>', now)]))
    .where((row) => row.or([row('retires_at', 'is', null), row('retires_at', '>', now)]))
    .select(({ fn }) => fn.countAll<number>().as('keys'))
    .executeTakeFirstOrThrow();
  return Number(keys);
}

async function countRows(db: Kysely<Tables>, keyring: Keyring): Promise<number> {
  let sum = 0;
  for (const table of SEALED_TABLES) {
    const { rows } = await notSealedBy(db, table, keyring)
      .select(({ fn }) => fn.countAll<number>().as('rows'))
      .executeTakeFirstOrThrow();
    sum += Number(rows);
  }
  return sum;
}

/** Milliseconds after the replacement in which an instance may still have used the older pepper. */
const ADOPTION_MS = 60_000;

async function countTokens(db: Kysely<Tables>, since: number, now: number): Promise<number> {
  let sum = 0;
  for (const table of ['sessions', 'sign_in_links', 'mailed_links', 'invitations'] as const) {
    const { tokens } = await (db as unknown as AnyTables)
      .selectFrom(table)
      .where('created_at', '<', since + ADOPTION_MS)
      .where('expires_at', '>', now)
      .select(({ fn }) => fn.countAll<number>().as('tokens'))
      .executeTakeFirstOrThrow();
    sum += Number(tokens);
  }
  return sum;
}
