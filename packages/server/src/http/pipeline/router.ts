import type { IncomingMessage } from 'node:http';
import { API_BASE, ENDPOINTS, type Endpoint } from '@latchkey/contract';
import createRouter from 'find-my-way';
import { AppError } from '../../domain/shared/app-error.ts';
import type { Page } from '../pages/page.ts';
import { pathOfTarget } from './request-guard.ts';
import type { BoundRoute } from './run-route.ts';

/** No limit: a parameter is as long as its URL at most, and its length is checked after the match. */
const PARAM_LENGTH_MAX = Number.MAX_SAFE_INTEGER;

/** The route or the page of a request. */
export type Match =
  | { readonly route: BoundRoute; readonly params: Params; readonly query: unknown }
  | { readonly page: Page };

type Params = Readonly<Record<string, string | undefined>>;

type Target = { readonly route: BoundRoute } | { readonly page: Page };

/** Finds routes and pages by method and path. Fixed parts of a path win over parameters; HEAD is routed like GET. */
export class Router {
  readonly #router = createRouter({ maxParamLength: PARAM_LENGTH_MAX });

  constructor(routes: readonly BoundRoute[], pages: readonly Page[]) {
    for (const route of routes) {
      const { method, path } = route.endpoint;
      this.#add(method, path.replaceAll(/\{(\w+)\}/g, ':$1'), { route });
    }
    for (const page of pages) this.#add('GET', page.path, { page });
  }

  /** Null for a method or a path that nothing answers to, and for a path of the API with an empty part. */
  find({ method = '', url = '' }: Pick<IncomingMessage, 'method' | 'url'>): Match | null {
    const target = pathOfTarget(url);
    if (hasEmptyPart(target)) return null;
    const found = this.#router.find((method === 'HEAD' ? 'GET' : method) as 'GET', target);
    if (!found) return null;
    const { store, params, searchParams } = found;
    return { ...(store as Target), params, query: searchParams };
  }

  #add(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, target: Target): void {
    this.#router.on(method, path, () => {}, target);
  }
}

/** The router would take an empty part of a path for an empty parameter. */
function hasEmptyPart(target: string): boolean {
  return target.startsWith(API_BASE) && /\/(?:\/|$)/.test(routePathOf(target));
}

/** The error of a request without a route: METHOD_NOT_ALLOWED with `Allow` if the path exists, else ROUTE_NOT_FOUND. */
export function missOf(url: string, fields: Record<string, string>): AppError {
  const endpoints = endpointsAt(ENDPOINTS, url);
  if (endpoints.length === 0) return routeNotFound(url);
  fields.Allow = allowField(endpoints);
  return new AppError('METHOD_NOT_ALLOWED', { message: `This path answers to ${fields.Allow}` });
}

function routeNotFound(url: string): AppError {
  const path = routePathOf(url);
  const isSlashTooMany = path.endsWith('/') && endpointsAt(ENDPOINTS, path.slice(0, -1)).length > 0;
  return new AppError('ROUTE_NOT_FOUND', {
    ...(isSlashTooMany && { message: 'There is nothing at this path; leave out the slash at its end' }),
  });
}

/** The path of a request target for the router: without authority and query, decoded once. */
export function routePathOf(target: string): string {
  const [path = ''] = pathOfTarget(target).split(/[?#]/, 1);
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

/** The endpoints at a path, whatever the method. */
function endpointsAt(endpoints: readonly Endpoint[], url: string): Endpoint[] {
  const path = url.split('?', 1)[0] ?? url;
  return endpoints.filter((endpoint) => matches(endpoint.path, path));
}

/** The methods of the endpoints, as the Allow field lists them. */
export function allowField(endpoints: readonly Endpoint[]): string {
  const methods = endpoints.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return [...new Set(methods)].join(', ');
}

function matches(template: string, path: string): boolean {
  const wanted = template.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => (part.startsWith('{') ? given[index] !== '' : part === given[index]))
  );
}
