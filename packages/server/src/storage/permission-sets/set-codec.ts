import { createHash } from 'node:crypto';
import type { Catalogue, Permission } from '@latchkey/contract';

/** The maximum size of each cache. A service has a few dozen sets; the limit bounds the memory that callers can use. */
const CACHED_MAX = 1_000;

/** A set of permissions as it is stored. Equal sets have equal texts, and so the same id. */
export interface StoredSet {
  readonly id: string;
  /** JSON array of stored names, sorted. */
  readonly text: string;
}

/** Writes and parses the texts of sets, with a cache: every key has a set, and few sets are different. */
export class SetCodec {
  readonly #names: NameCodec;
  /** By the permissions in the order of the catalogue. */
  readonly #written = new Map<string, StoredSet>();
  readonly #read = new Map<string, readonly Permission[]>();
  readonly #origins = new WeakMap<readonly Permission[], StoredSet>();

  constructor(names: NameCodec) {
    this.#names = names;
  }

  toStored(permissions: Iterable<Permission>): StoredSet {
    const ordered = this.#names.catalogue.inOrder(permissions);
    const name = ordered.join();
    return this.#written.get(name) ?? cache(this.#written, name, this.#write(ordered));
  }

  /** Ignores names that are not in the catalogue. A text that is not a list gives an empty set. */
  parse(text: string): readonly Permission[] {
    return this.#read.get(text) ?? cache(this.#read, text, this.#parse(text));
  }

  /** The stored set from which `parse` returned this array, with ignored names too; undefined for any other array. */
  originOf(permissions: readonly Permission[]): StoredSet | undefined {
    return this.#origins.get(permissions);
  }

  #write(permissions: readonly Permission[]): StoredSet {
    // Sorted, since the order of the catalogue can change.
    return setOf(JSON.stringify(permissions.map((one) => this.#names.of(one)).sort()));
  }

  #parse(text: string): readonly Permission[] {
    const meanings = namesIn(text).map((name) => this.#names.meaning(name) ?? '');
    const permissions = Object.freeze(this.#names.catalogue.inOrder(meanings));
    this.#origins.set(permissions, setOf(text));
    return permissions;
  }
}

function setOf(text: string): StoredSet {
  return { id: createHash('sha256').update(text).digest('base64url'), text };
}

/** The stored names in the text of a set; empty if the text is not a list. */
export function namesIn(text: string): string[] {
  try {
    const names: unknown = JSON.parse(text);
    return Array.isArray(names) ? names.map(String) : [];
  } catch {
    return [];
  }
}

function cache<T>(all: Map<string, T>, name: string, value: T): T {
  if (all.size < CACHED_MAX) all.set(name, value);
  return value;
}

/** Separates a permission and its generation; no permission has it in its name. */
const GENERATION_MARK = '#';

/**
 * The stored name of each permission of a catalogue: its own name or, if a permission of that name was retired before, the
 * name and a generation, so that sets from before the retirement do not hold the new permission.
 */
export class NameCodec {
  readonly catalogue: Catalogue;
  readonly #generations: ReadonlyMap<Permission, number>;
  readonly #permissions: ReadonlyMap<string, Permission>;

  /** `retired`: the stored names that were retired. */
  constructor(catalogue: Catalogue, retired: Iterable<string>) {
    const generations = new Map<Permission, number>();
    for (const name of retired)
      generations.set(permissionOf(name), (generations.get(permissionOf(name)) ?? 1) + 1);
    this.catalogue = catalogue;
    this.#generations = generations;
    this.#permissions = new Map(catalogue.permissions.map((one) => [this.of(one), one]));
  }

  /** The name of the permission in sets that are stored now. */
  of(permission: Permission): string {
    const generation = this.#generations.get(permission);
    return generation === undefined ? permission : `${permission}${GENERATION_MARK}${generation}`;
  }

  /** The permission of the catalogue with this stored name; undefined on a miss. */
  meaning(storedName: string): Permission | undefined {
    return this.#permissions.get(storedName);
  }
}

/** The permission part of a stored name, without the generation. */
export function permissionOf(storedName: string): Permission {
  return storedName.split(GENERATION_MARK, 1)[0] ?? '';
}
