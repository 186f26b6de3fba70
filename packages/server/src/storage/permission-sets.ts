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

/** Sets remembered. A service has a few dozen; this only bounds what somebody can make us remember. */
const KNOWN_MAX = 10_000;

/** Which sets are stored for sure, so that they need not be stored again: none ever goes. */
export class KnownSets {
  readonly #ids = new Set<string>();
  readonly #outer: KnownSets | null;

  constructor(outer: KnownSets | null = null) {
    this.#outer = outer;
  }

  has(id: string): boolean {
    return this.#ids.has(id) || (this.#outer?.has(id) ?? false);
  }

  add(id: string): void {
    if (this.#ids.size < KNOWN_MAX) this.#ids.add(id);
  }

  /** For one transaction: what it adds counts for no other one before it is kept. */
  within(): KnownSets {
    return new KnownSets(this);
  }

  /** To be called once the transaction is committed. */
  keep(): void {
    for (const id of this.#ids) this.#outer?.add(id);
  }
}

/** Makes sure that the set is stored, and returns its id. */
export async function internSet(
  db: Kysely<Tables>,
  known: KnownSets,
  permissions: Iterable<Permission>,
): Promise<string> {
  const { id, text } = toStoredSet(permissions);
  if (known.has(id)) return id;
  const { numInsertedOrUpdatedRows: inserted } = await db
    .insertInto('permission_sets')
    .values({ id, permissions: text })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirstOrThrow();
  const entries = parseSet(text).map((permission) => ({ set_id: id, permission }));
  if (inserted !== 0n && entries.length > 0)
    await db.insertInto('permission_set_entries').values(entries).execute();
  known.add(id);
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
