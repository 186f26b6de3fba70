import { pathOfTarget } from './pipeline/request-guard.ts';

/** The path of a request target for the router: without authority and query, decoded once. */
export function routePathOf(target: string): string {
  const [path = ''] = pathOfTarget(target).split(/[?#]/, 1);
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
