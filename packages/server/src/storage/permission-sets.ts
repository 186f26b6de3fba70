import { createHash } from 'node:crypto';
import { inCatalogueOrder, type Permission } from '@latchkey/contract';
import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** A set of permissions as it is stored. Equal sets have equal texts, and so the same id. */
export interface StoredSet {
  readonly id: string;
  /** JSON array of names, in catalogue order. */
  readonly text: string;
}

export function toStoredSet(permissions: Iterable<Permission>): StoredSet {
  const text = JSON.stringify(inCatalogueOrder(permissions));
  return { id: createHash('sha256').update(text).digest('base64url'), text };
}

/** Makes sure that the set is stored, and returns its id. */
export async function internSet(db: Kysely<Tables>, permissions: Iterable<Permission>): Promise<string> {
  const { id, text } = toStoredSet(permissions);
  const { numInsertedOrUpdatedRows: inserted } = await db
    .insertInto('permission_sets')
    .values({ id, permissions: text })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirstOrThrow();
  const entries = parseSet(text).map((permission) => ({ set_id: id, permission }));
  if (inserted !== 0n && entries.length > 0)
    await db.insertInto('permission_set_entries').values(entries).execute();
  return id;
}

/** Names that the catalogue no longer has match nothing. A text that is no list at all gives no permission. */
export function parseSet(text: string): Permission[] {
  try {
    const names: unknown = JSON.parse(text);
    return Array.isArray(names) ? inCatalogueOrder(names) : [];
  } catch {
    return [];
  }
}
