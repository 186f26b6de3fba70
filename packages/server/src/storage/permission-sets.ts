import { createHash } from 'node:crypto';
import type { Catalogue, Permission } from '@latchkey/contract';
import type { Kysely } from 'kysely';
import { KnownSets } from './known-sets.ts';
import { StoredNames } from './stored-names.ts';
import type { Tables } from './tables.ts';

/** A set of permissions as it is stored. Equal sets have equal texts, and so the same id. */
export interface StoredSet {
  readonly id: string;
  /** JSON array of stored names, sorted. */
  readonly text: string;
}

/** How sets of permissions stand in the database. */
export class PermissionSets {
  readonly #names: StoredNames;
  readonly #known: KnownSets;

  constructor(names: StoredNames, known = new KnownSets()) {
    this.#names = names;
    this.#known = known;
  }

  get catalogue(): Catalogue {
    return this.#names.catalogue;
  }

  /** As sets hold it that are stored now. */
  storedName(permission: Permission): string {
    return this.#names.of(permission);
  }

  isInCatalogue(storedName: string): boolean {
    return this.#names.meaning(storedName) !== undefined;
  }

  toStored(permissions: Iterable<Permission>): StoredSet {
    const names = this.catalogue.inOrder(permissions).map((one) => this.#names.of(one));
    // Sorted, because the order of the catalogue can change.
    const text = JSON.stringify(names.sort());
    return { id: createHash('sha256').update(text).digest('base64url'), text };
  }

  /** Names that the catalogue does not have match nothing. A text that is no list at all gives no permission. */
  parse(text: string): Permission[] {
    return this.catalogue.inOrder(namesIn(text).map((name) => this.#names.meaning(name) ?? ''));
  }

  /** Makes sure that the set is stored, and returns its id. */
  async intern(db: Kysely<Tables>, permissions: Iterable<Permission>): Promise<string> {
    const { id, text } = this.toStored(permissions);
    if (this.#known.has(id)) return id;
    const { numInsertedOrUpdatedRows: inserted } = await db
      .insertInto('permission_sets')
      .values({ id, permissions: text })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirstOrThrow();
    const entries = namesIn(text).map((permission) => ({ set_id: id, permission }));
    if (inserted !== 0n && entries.length > 0)
      await db.insertInto('permission_set_entries').values(entries).execute();
    this.#known.add(id);
    return id;
  }

  /** For one transaction: sets that it stores are stored for no other one before it is kept. */
  within(): PermissionSets {
    return new PermissionSets(this.#names, this.#known.within());
  }

  /** To be called once the transaction is committed. */
  keep(): void {
    this.#known.keep();
  }
}

/** The sets of a database, read and written by this catalogue. */
export async function loadPermissionSets(db: Kysely<Tables>, catalogue: Catalogue): Promise<PermissionSets> {
  const retired = await db.selectFrom('retired_permissions').select('name').execute();
  const names = retired.map(({ name }) => name);
  return new PermissionSets(new StoredNames(catalogue, names));
}

/** The stored names in the text of a set; none where it is no list. */
export function namesIn(text: string): string[] {
  try {
    const names: unknown = JSON.parse(text);
    return Array.isArray(names) ? names.map(String) : [];
  } catch {
    return [];
  }
}
