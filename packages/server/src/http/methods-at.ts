import type { Endpoint } from '@latchkey/contract';

/** The methods that a path answers to, in the form of the Allow field; none where there is nothing at the path. */
export function methodsAt(endpoints: readonly Endpoint[], url: string): string[] {
  const path = url.split('?', 1)[0] ?? url;
  const methods = endpoints.filter((endpoint) => matches(endpoint.path, path)).map(({ method }) => method);
  return [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))];
}

function matches(template: string, path: string): boolean {
  const wanted = template.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => part.startsWith('{') || part === given[index])
  );
}
