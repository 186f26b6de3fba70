import { createHash } from 'node:crypto';
import type { Permission } from '@latchkey/contract';
import type { StoredNames } from './stored-names.ts';

/** Sets remembered each way. A service has a few dozen; this only bounds what somebody can make us remember. */
const REMEMBERED_MAX = 1_000;

/** A set of permissions as it is stored. Equal sets have equal texts, and so the same id. */
export interface StoredSet {
  readonly id: string;
  /** JSON array of stored names, sorted. */
  readonly text: string;
}

/** Writes and reads the texts of sets. Every key has one and few are different, so what was worked out is remembered. */
export class SetTexts {
  readonly #names: StoredNames;
  /** By the permissions in the order of the catalogue. */
  readonly #written = new Map<string, StoredSet>();
  readonly #read = new Map<string, readonly Permission[]>();
  readonly #origins = new WeakMap<readonly Permission[], StoredSet>();

  constructor(names: StoredNames) {
    this.#names = names;
  }

  toStored(permissions: Iterable<Permission>): StoredSet {
    const ordered = this.#names.catalogue.inOrder(permissions);
    const known = ordered.join();
    return this.#written.get(known) ?? remember(this.#written, known, this.#write(ordered));
  }

  /** Names that the catalogue does not have match nothing. A text that is no list at all gives no permission. */
  parse(text: string): readonly Permission[] {
    return this.#read.get(text) ?? remember(this.#read, text, this.#parse(text));
  }

  /** What these very permissions were read from, with the names, too, that match nothing; else undefined. */
  originOf(permissions: readonly Permission[]): StoredSet | undefined {
    return this.#origins.get(permissions);
  }

  #write(permissions: readonly Permission[]): StoredSet {
    // Sorted, because the order of the catalogue can change.
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

/** The stored names in the text of a set; none where it is no list. */
export function namesIn(text: string): string[] {
  try {
    const names: unknown = JSON.parse(text);
    return Array.isArray(names) ? names.map(String) : [];
  } catch {
    return [];
  }
}

function remember<T>(all: Map<string, T>, name: string, value: T): T {
  if (all.size < REMEMBERED_MAX) all.set(name, value);
  return value;
}
