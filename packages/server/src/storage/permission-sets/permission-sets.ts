import type { Catalogue, Permission } from '@latchkey/contract';
import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { NameCodec, namesIn, SetCodec, type StoredSet } from './set-codec.ts';

/** Reads and writes the permission sets of the database. */
export class PermissionSets {
  readonly #names: NameCodec;
  readonly #known: SetCache;
  readonly #texts: SetCodec;

  constructor(names: NameCodec, known = new SetCache(), texts = new SetCodec(names)) {
    this.#names = names;
    this.#known = known;
    this.#texts = texts;
  }

  get catalogue(): Catalogue {
    return this.#names.catalogue;
  }

  /** The name of the permission in sets that are stored now. */
  storedName(permission: Permission): string {
    return this.#names.of(permission);
  }

  isInCatalogue(storedName: string): boolean {
    return this.#names.meaning(storedName) !== undefined;
  }

  toStored(permissions: Iterable<Permission>): StoredSet {
    return this.#texts.toStored(permissions);
  }

  /** Ignores names that are not in the catalogue. A text that is not a list gives an empty set. */
  parse(text: string): readonly Permission[] {
    return this.#texts.parse(text);
  }

  /** The stored set from which `parse` returned this array, with ignored names too; undefined for any other array. */
  originOf(permissions: readonly Permission[]): StoredSet | undefined {
    return this.#texts.originOf(permissions);
  }

  /** Stores the set if it is not stored yet, and returns its id. */
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

  /** The sets of one transaction: those that it stores count as stored outside only after `keep`. */
  within(): PermissionSets {
    return new PermissionSets(this.#names, this.#known.within(), this.#texts);
  }

  /** To be called once the transaction is committed. */
  keep(): void {
    this.#known.keep();
  }
}

/** The sets of a database, for this catalogue. */
export async function loadPermissionSets(db: Kysely<Tables>, catalogue: Catalogue): Promise<PermissionSets> {
  const retired = await db.selectFrom('retired_permissions').select('name').execute();
  const names = retired.map(({ name }) => name);
  return new PermissionSets(new NameCodec(catalogue, names));
}

/** The maximum number of cached ids. A service has a few dozen sets; the limit bounds the memory that callers can use. */
const KNOWN_MAX = 10_000;

/** A cache of the ids of stored sets, which then need no insert. Sets are never deleted. */
export class SetCache {
  readonly #ids = new Set<string>();
  readonly #outer: SetCache | null;

  constructor(outer: SetCache | null = null) {
    this.#outer = outer;
  }

  has(id: string): boolean {
    return this.#ids.has(id) || (this.#outer?.has(id) ?? false);
  }

  add(id: string): void {
    if (this.#ids.size < KNOWN_MAX) this.#ids.add(id);
  }

  /** The cache of one transaction: ids that it adds are not visible outside before `keep`. */
  within(): SetCache {
    return new SetCache(this);
  }

  /** To be called once the transaction is committed. */
  keep(): void {
    for (const id of this.#ids) this.#outer?.add(id);
  }
}
