import type { Catalogue, Permission } from '@latchkey/contract';
import { invalid } from '../shared/app-error.ts';

/** Reads the names of permissions, with commas between them. Throws VALIDATION_FAILED where the catalogue lacks one. */
export function parsePermissions(text: string | undefined, catalogue: Catalogue): Permission[] {
  const names = text === undefined ? [] : text.split(',').map((name) => name.trim());
  if (names.every((name) => catalogue.has(name))) return names;
  throw invalid('permissions', 'must be permissions of the catalogue with commas between them');
}
