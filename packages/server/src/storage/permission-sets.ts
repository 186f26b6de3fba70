import type { Catalogue, Permission } from '@latchkey/contract';
import type { Kysely } from 'kysely';
import { KnownSets } from './known-sets.ts';
import { namesIn, SetTexts, type StoredSet } from './set-texts.ts';
import { StoredNames } from './stored-names.ts';
import type { Tables } from './tables.ts';

/** How sets of permissions stand in the database. */
export class PermissionSets {
  readonly #names: StoredNames;
  readonly #known: KnownSets;
  readonly #texts: SetTexts;

  constructor(names: StoredNames, known = new KnownSets(), texts = new SetTexts(names)) {
    this.#names = names;
    this.#known = known;
    this.#texts = texts;
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
    return this.#texts.toStored(permissions);
  }

  /** Names that the catalogue does not have match nothing. A text that is no list at all gives no permission. */
  parse(text: string): readonly Permission[] {
    return this.#texts.parse(text);
  }

  /** What these very permissions were read from, with the names, too, that match nothing; else undefined. */
  originOf(permissions: readonly Permission[]): StoredSet | undefined {
    return this.#texts.originOf(permissions);
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
    return new PermissionSets(this.#names, this.#known.within(), this.#texts);
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
