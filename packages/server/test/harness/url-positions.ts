import type { Endpoint } from '@latchkey/contract';

/** The sample's URL with one path parameter taken from another sample's URL, for each parameter. */
export function withEachParameterOf(
  endpoint: Endpoint,
  url: string,
  other: string,
): { parameter: string; url: string; given: string }[] {
  const [path = '', query] = url.split('?');
  const [own, foreign] = [path.split('/'), other.split('/')];
  return endpoint.path.split('/').flatMap((part, index) => {
    if (!part.startsWith('{')) return [];
    const given = foreign[index] ?? '';
    const changed = own.with(index, given).join('/');
    return [
      { parameter: part.slice(1, -1), given, url: query === undefined ? changed : `${changed}?${query}` },
    ];
  });
}
