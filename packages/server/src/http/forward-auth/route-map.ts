import { METHODS } from 'node:http';
import createRouter from 'find-my-way';
import { ANY_METHOD, type MappedRoute } from '../../domain/shared/mapped-route.ts';
import { percentDecoded } from '../../domain/shared/percent-encoding.ts';
import type { ClientRequest } from './gateway-request.ts';

/** Gateways and frameworks differ in what they make of empty and dot segments. */
const AMBIGUOUS = /\/\/|\/\.{1,2}(?:\/|$)/;
/** Without `;`, behind which some frameworks read parameters, and without characters that a URL cannot have, such as `\\`. */
const PATH = /^\/[A-Za-z0-9\-._~!$&'()*+,=:@%/]*$/;
const ENCODED = /%(.{0,2})/g;
/** ASCII characters that may be percent-encoded: they mean the same in both forms, and are not part of any name of a route. */
const ENCODABLE = /^[ !"$&'()*+,:<=>@[\]^`{|}]$/;
/** The type of a method that the router accepts; it answers to any text. */
type Method = 'GET';

type FindRoute = (method: string, path: string) => MappedRoute | null;

/** Finds the route of a request in the route map of the operator. */
export class RouteMap {
  readonly #find: FindRoute;
  readonly #findInAnyCase: FindRoute;

  /** The paths are as `MappedRoute` describes, and no two routes match the same requests. */
  constructor(routes: readonly MappedRoute[]) {
    this.#find = finderOf(routes, true);
    this.#findInAnyCase = finderOf(routes, false);
  }

  /**
   * The route of a request, the most specific one first: a fixed segment wins over `{name}`, that wins over `**`, and a method
   * over `*`. HEAD has the routes of GET. Null if there is none, and if the gateway and the API could read the path in
   * different ways: then it is not certain which route they take.
   */
  find({ method, target }: ClientRequest): MappedRoute | null {
    const path = pathOf(target);
    if (path === null) return null;
    const asked = method === 'HEAD' ? 'GET' : method;
    const route = this.#find(asked, path);
    return route === this.#findInAnyCase(asked, path) ? route : null;
  }
}

function finderOf(routes: readonly MappedRoute[], caseSensitive: boolean): FindRoute {
  const router = createRouter({ caseSensitive, maxParamLength: Number.MAX_SAFE_INTEGER });
  const forAny = routes.filter(({ method }) => method === ANY_METHOD);
  for (const route of routes) if (route.method !== ANY_METHOD) add(route, route.method);
  for (const route of forAny) for (const method of METHODS) add(route, method);
  function add(route: MappedRoute, method: string): void {
    const path = toRouterPath(route.path);
    if (!router.hasRoute(method as Method, path)) router.on(method as Method, path, () => {}, route);
  }
  return (method, path) => (router.find(method as Method, path)?.store as MappedRoute | undefined) ?? null;
}

/** The same path in the syntax of the router, without a slash at the end. Names of parameters do not matter. */
function toRouterPath(path: string): string {
  const parts = withoutEndSlash(path).replaceAll(':', '::').split('/');
  return parts
    .map((part, index) => (part.startsWith('{') ? `:p${index}` : part.replace('**', '*')))
    .join('/');
}

/** The path of a target, without a slash at its end; null if it is ambiguous. */
function pathOf(target: string): string | null {
  const [path = ''] = target.split('?', 1);
  if (!PATH.test(path) || AMBIGUOUS.test(path) || !isPlainlyEncoded(path)) return null;
  return withoutEndSlash(path);
}

function withoutEndSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/** Is every encoded character one that must be encoded, and is the text valid UTF-8? */
function isPlainlyEncoded(path: string): boolean {
  if (!path.includes('%')) return true;
  for (const [, hex = ''] of path.matchAll(ENCODED)) {
    const byte = /^[0-9a-f]{2}$/i.test(hex) ? Number.parseInt(hex, 16) : 0;
    if (byte < 0x80 && !ENCODABLE.test(String.fromCharCode(byte))) return false;
  }
  return percentDecoded(path) !== null;
}
