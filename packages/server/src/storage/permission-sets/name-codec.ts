import type { Catalogue, Permission } from '@latchkey/contract';

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
