import type { Catalogue, Permission } from '@latchkey/contract';
import { invalid } from '../shared/app-error.ts';

/** Parses comma-separated names of permissions. Throws VALIDATION_FAILED when one is not in the catalogue. */
export function parsePermissions(text: string | undefined, catalogue: Catalogue): Permission[] {
  const names = text === undefined ? [] : text.split(',').map((name) => name.trim());
  if (names.every((name) => catalogue.has(name))) return names;
  throw invalid('permissions', 'must be a comma-separated list of permissions of the catalogue');
}
