import { createHash } from 'node:crypto';
import type { Permission } from '@latchkey/contract';
import type { NameCodec } from './name-codec.ts';

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
