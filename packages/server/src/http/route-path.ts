import { pathOfTarget } from './front-door.ts';

/** The path by which the router finds the route of a request target: without authority and query, decoded once. */
export function routePathOf(target: string): string {
  const [path = ''] = pathOfTarget(target).split(/[?#]/, 1);
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
