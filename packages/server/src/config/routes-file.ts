import { METHODS } from 'node:http';
import { type Catalogue, REQUESTS_PER_MINUTE_MAX } from '@latchkey/contract';
import { ANY_METHOD, type MappedRoute } from '../domain/shared/mapped-route.ts';
import { OperatorError } from '../domain/shared/operator-error.ts';
import { echo, isObject, readJsonFile, Unusable } from './json-file.ts';

const ROUTES_MAX = 10_000;
const FIELDS: readonly string[] = ['method', 'path', 'permissions', 'cost'] satisfies (keyof MappedRoute)[];
const LITERAL = /^(?!\.{1,2}$)[A-Za-z0-9._~@:-]+$/;
const PARAMETER = /^\{[A-Za-z_]\w*\}$/;
const REST = '**';

/**
 * Reads the route map from a JSON file: an object with a list of routes as `routes`. Throws OperatorError, which names the
 * route, counted from 1, and what to change: for an unknown field, method or permission, a path with another form than
 * `MappedRoute` describes, and two routes that match the same requests.
 */
export function readRoutesFile(path: string, catalogue: Catalogue): MappedRoute[] {
  try {
    const routes = listIn(readJsonFile('LATCHKEY_ROUTES_FILE', path)).map((entry, index) =>
      parseRoute(entry, `route ${index + 1}`, catalogue),
    );
    requireDistinct(routes);
    return routes;
  } catch (error) {
    if (error instanceof Unusable)
      throw new OperatorError(`the route map ${path} cannot be used: ${error.message}`);
    throw error;
  }
}

function listIn(content: unknown): unknown[] {
  const { routes, ...others } = isObject(content) ? content : {};
  const [stray] = Object.keys(others);
  if (stray !== undefined) throw new Unusable(`it has the field ${echo(stray)}; only routes is known`);
  if (!Array.isArray(routes) || routes.length === 0)
    throw new Unusable(
      'it must be an object with a list, such as {"routes": [{"method": "GET", "path": "/orders/{id}", "permissions": ["orders:read"]}]}',
    );
  if (routes.length > ROUTES_MAX)
    throw new Unusable(`it has ${routes.length} routes; ${ROUTES_MAX} is the most`);
  return routes;
}

function parseRoute(entry: unknown, place: string, catalogue: Catalogue): MappedRoute {
  if (!isObject(entry)) throw new Unusable(`${place} must be an object with method, path and permissions`);
  const stray = Object.keys(entry).find((field) => !FIELDS.includes(field));
  if (stray !== undefined)
    throw new Unusable(`${place} has the field ${echo(stray)}; only ${FIELDS.join(', ')} are known`);
  const { method, path, permissions, cost = 1 } = entry;
  return {
    method: methodIn(method, place),
    path: pathIn(path, place),
    permissions: permissionsIn(permissions, place, catalogue),
    cost: costIn(cost, place),
  };
}

function methodIn(method: unknown, place: string): string {
  if (typeof method === 'string' && (method === ANY_METHOD || METHODS.includes(method))) return method;
  throw new Unusable(
    `${place}: method must be an HTTP method in upper case, such as GET, or ${ANY_METHOD} for all`,
  );
}

function pathIn(path: unknown, place: string): string {
  if (typeof path !== 'string' || !path.startsWith('/'))
    throw new Unusable(`${place}: path must be a text that begins with a slash, such as /orders/{id}`);
  const segments = segmentsOf(path);
  const wrong = segments.find((segment, index) => !isSegment(segment, index === segments.length - 1));
  if (wrong === undefined) return path;
  const form =
    'a segment is letters, digits and . _ ~ @ : -, or {name} for any one segment, or ** at the end for all further ones';
  throw new Unusable(`${place}: path ${echo(path)} has the segment "${echo(wrong)}": ${form}`);
}

/** A slash at the end makes no difference. */
function segmentsOf(path: string): string[] {
  return path === '/' ? [] : path.replace(/\/$/, '').slice(1).split('/');
}

function isSegment(segment: string, isLast: boolean): boolean {
  return LITERAL.test(segment) || PARAMETER.test(segment) || (isLast && segment === REST);
}

function permissionsIn(permissions: unknown, place: string, catalogue: Catalogue): string[] {
  if (!Array.isArray(permissions))
    throw new Unusable(`${place}: permissions must be a list; [] lets every valid key pass`);
  const unknown = permissions.find((name) => typeof name !== 'string' || !catalogue.has(name));
  if (unknown === undefined) return permissions;
  throw new Unusable(`${place}: ${echo(JSON.stringify(unknown))} is not a permission of the catalogue`);
}

function costIn(cost: unknown, place: string): number {
  if (typeof cost === 'number' && Number.isInteger(cost) && cost >= 0 && cost <= REQUESTS_PER_MINUTE_MAX)
    return cost;
  throw new Unusable(`${place}: cost must be a whole number from 0 to ${REQUESTS_PER_MINUTE_MAX}`);
}

function requireDistinct(routes: readonly MappedRoute[]): void {
  const seen = new Map<string, number>();
  for (const [index, { method, path }] of routes.entries()) {
    const shape = segmentsOf(path).map((segment) => (PARAMETER.test(segment) ? '{}' : segment.toLowerCase()));
    const request = [method, ...shape].join('/');
    const first = seen.get(request);
    if (first !== undefined)
      throw new Unusable(`route ${index + 1} matches the same requests as route ${first + 1}; leave one out`);
    seen.set(request, index);
  }
}
