import type { Kysely } from 'kysely';
import type { Keyring } from '../../domain/shared/keyring.ts';
import type { Tables } from '../tables.ts';
import { type AnyTables, SEALED_TABLES, type SealedRow, type SealedTable } from './sealed-tables.ts';

/** The column with the digest of the secret that made the row, by the kind of row. */
const REFERENCES: ReadonlyMap<string, string> = new Map([
  ['session', 'secret_digest'],
  ['sign-in-link', 'secret_digest'],
  ['invitation', 'inviter_secret_digest'],
]);

/**
 * Replaces the digest of a secret in all rows that refer to it: in the descent of credentials, and in the sessions, sign-in
 * links and invitations that the secret has made, which are sealed again. Those that were altered stay as they are.
 */
export async function renameSecret(
  db: Kysely<Tables>,
  keyring: Keyring,
  from: string,
  to: string,
): Promise<void> {
  const children = await db
    .selectFrom('descent')
    .select(['child_kind', 'child_id'])
    .where('parent_id', '=', from)
    .execute();
  await db.updateTable('descent').set({ child_id: to }).where('child_id', '=', from).execute();
  if (children.length === 0) return;
  await db.updateTable('descent').set({ parent_id: to }).where('parent_id', '=', from).execute();
  for (const { child_kind: kind, child_id: id } of children) {
    const table = SEALED_TABLES.find((sealed) => sealed.kind === kind);
    const column = REFERENCES.get(kind);
    if (table && column) await renameIn(db, keyring, { table, column, id }, to);
  }
}

interface Reference {
  readonly table: SealedTable;
  readonly column: string;
  readonly id: string;
}

async function renameIn(
  db: Kysely<Tables>,
  keyring: Keyring,
  { table: { name, kind, fieldsOf }, column, id }: Reference,
  to: string,
): Promise<void> {
  const rows = db as unknown as AnyTables;
  const row: SealedRow = await rows.selectFrom(name).selectAll().where('id', '=', id).executeTakeFirst();
  if (!row || !keyring.isIntact(row.seal, kind, fieldsOf(row))) return;
  const seal = keyring.sealRow(kind, fieldsOf({ ...row, [column]: to }));
  await rows
    .updateTable(name)
    .set({ [column]: to, seal })
    .where('id', '=', id)
    .execute();
}
