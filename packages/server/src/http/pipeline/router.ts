import type { IncomingMessage } from 'node:http';
import { API_BASE } from '@latchkey/contract';
import createRouter from 'find-my-way';
import type { Page } from '../pages/page.ts';
import { pathOfTarget } from './request-guard.ts';
import { routePathOf } from './route.ts';
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
