import type { Catalogue, Permission } from '@latchkey/contract';

/** Stands between a permission and its generation; no permission has it in its name. */
const GENERATION_MARK = '#';

/**
 * By which name each permission of a catalogue is stored: its own; where one of that name was retired before, the name and
 * a generation, so that what was stored before is not taken for it.
 */
export class StoredNames {
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
    this.#permissions = new Map(catalogue.permissions.map((one) => [this.of(one), one]));
  }

  /** As sets hold it that are stored now. */
  of(permission: Permission): string {
    const generation = this.#generations.get(permission);
    return generation === undefined ? permission : `${permission}${GENERATION_MARK}${generation}`;
  }

  /** The permission of the catalogue that is stored by this name; undefined where there is none. */
  meaning(storedName: string): Permission | undefined {
    return this.#permissions.get(storedName);
  }
}

/** The permission that a stored name was written for. */
export function permissionOf(storedName: string): Permission {
  return storedName.split(GENERATION_MARK, 1)[0] ?? '';
}
