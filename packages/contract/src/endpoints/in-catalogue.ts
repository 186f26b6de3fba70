import { BUILT_IN_CATALOGUE, type Catalogue } from '../catalogue.ts';
import { PERMISSION_TITLE } from '../schemas/api-key.ts';
import type { Endpoint } from './endpoint.ts';

/** A copy of the endpoint whose schemas list the permissions of this catalogue. */
export function inCatalogue<E extends Endpoint>(endpoint: E, catalogue: Catalogue): E {
  if (catalogue === BUILT_IN_CATALOGUE) return endpoint;
  return named(endpoint, catalogue) as E;
}

function named(node: unknown, catalogue: Catalogue): unknown {
  if (Array.isArray(node)) return node.map((item) => named(item, catalogue));
  if (node === null || typeof node !== 'object') return node;
  const isPermission = 'title' in node && node.title === PERMISSION_TITLE;
  if (isPermission) return { ...node, enum: [...catalogue.permissions] };
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, named(value, catalogue)]));
}
