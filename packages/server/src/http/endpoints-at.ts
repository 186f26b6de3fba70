import type { IncomingMessage } from 'node:http';
import { ENDPOINTS, type Endpoint } from '@latchkey/contract';
import { routePathOf } from './route-path.ts';

/** The endpoints at a path, whatever the method. */
export function endpointsAt(endpoints: readonly Endpoint[], url: string): Endpoint[] {
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

/** The endpoint of a request, as the framework's router finds it: fixed parts of a path win over parameters. */
export function endpointOf({
  method,
  url = '',
}: Pick<IncomingMessage, 'method' | 'url'>): Endpoint | undefined {
  const path = routePathOf(url);
  const wanted = method === 'HEAD' ? 'GET' : method;
  return FIXED_FIRST.find((endpoint) => endpoint.method === wanted && matches(endpoint.path, path));
}

const parametersOf = ({ path }: Endpoint): number => path.split('{').length;

const FIXED_FIRST = ENDPOINTS.toSorted((one, other) => parametersOf(one) - parametersOf(other));
