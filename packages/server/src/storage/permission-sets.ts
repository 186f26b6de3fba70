import { createHash } from 'node:crypto';
import type { Catalogue, Permission } from '@latchkey/contract';
import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** Stands between a permission and its generation; no permission has it in its name. */
const GENERATION_MARK = '#';

/** A set of permissions as it is stored. Equal sets have equal texts, and so the same id. */
export interface StoredSet {
  readonly id: string;
  /** JSON array of stored names, sorted. */
  readonly text: string;
}

/**
 * How permissions stand in the database. The stored name of a permission is its name; where one of that name was retired
 * before, the name and a generation, so that what was stored before is not taken for it.
 */
export class PermissionSets {
  readonly catalogue: Catalogue;
  readonly #generations: ReadonlyMap<Permission, number>;
  readonly #permissions: ReadonlyMap<string, Permission>;

  /** `retired`: the stored names that no catalogue has any more. */
  constructor(catalogue: Catalogue, retired: Iterable<string>) {
    const generations = new Map<Permission, number>();
    for (const name of retired)
      generations.set(permissionOf(name), (generations.get(permissionOf(name)) ?? 1) + 1);
    this.catalogue = catalogue;
    this.#generations = generations;
    this.#permissions = new Map(catalogue.permissions.map((one) => [this.storedName(one), one]));
  }

  /** As sets hold it that are stored now. */
  storedName(permission: Permission): string {
    const generation = this.#generations.get(permission);
    return generation === undefined ? permission : `${permission}${GENERATION_MARK}${generation}`;
  }

  isInCatalogue(storedName: string): boolean {
    return this.#permissions.has(storedName);
  }

  toStored(permissions: Iterable<Permission>): StoredSet {
    const names = this.catalogue.inOrder(permissions).map((one) => this.storedName(one));
    // Sorted, because the order of the catalogue can change.
    const text = JSON.stringify(names.sort());
    return { id: createHash('sha256').update(text).digest('base64url'), text };
  }

  /** Names that the catalogue does not have match nothing. A text that is no list at all gives no permission. */
  parse(text: string): Permission[] {
    return this.catalogue.inOrder(namesIn(text).map((name) => this.#permissions.get(name) ?? ''));
  }

  /** Makes sure that the set is stored, and returns its id. */
  async intern(db: Kysely<Tables>, permissions: Iterable<Permission>): Promise<string> {
    const { id, text } = this.toStored(permissions);
    const { numInsertedOrUpdatedRows: inserted } = await db
      .insertInto('permission_sets')
      .values({ id, permissions: text })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirstOrThrow();
    const entries = namesIn(text).map((permission) => ({ set_id: id, permission }));
    if (inserted !== 0n && entries.length > 0)
      await db.insertInto('permission_set_entries').values(entries).execute();
    return id;
  }
}

/** The sets of a database, read and written by this catalogue. */
export async function loadPermissionSets(db: Kysely<Tables>, catalogue: Catalogue): Promise<PermissionSets> {
  const retired = await db.selectFrom('retired_permissions').select('name').execute();
  return new PermissionSets(
    catalogue,
    retired.map(({ name }) => name),
  );
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

/** The permission that a stored name was written for. */
export function permissionOf(storedName: string): Permission {
  return storedName.split(GENERATION_MARK, 1)[0] ?? '';
}
