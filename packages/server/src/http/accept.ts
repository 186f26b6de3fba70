const PROBLEM = 'application/problem+json';
const JSON_TYPES = ['application/json', 'application/*', '*/*'];
const PROBLEM_TYPES = [PROBLEM, 'application/*', '*/*'];

/** One element of the list; a comma inside of quotes does not end it. */
const ELEMENT = /(?:[^,"]|"(?:\\.|[^"\\])*")+/g;
const QUALITY = /;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*(?:;|$)/i;

/**
 * Does an Accept header (RFC 9110, section 12.5.1) prefer `application/problem+json` to `application/json`? Of two that
 * are equally good, the problem is preferred where the header names it.
 */
export function prefersProblem(accept = ''): boolean {
  const qualities = new Map((accept.match(ELEMENT) ?? []).map(readElement));
  const qualityOf = (types: readonly string[]): number =>
    qualities.get(types.find((type) => qualities.has(type)) ?? '') ?? 0;
  const problem = qualityOf(PROBLEM_TYPES);
  const json = qualityOf(JSON_TYPES);
  return problem > json || (problem > 0 && problem === json && qualities.has(PROBLEM));
}

/** A media type in lower case, and how good it is, from 0 to 1. A malformed weight counts as 1. */
function readElement(element: string): [type: string, quality: number] {
  const [type = ''] = element.split(';', 1);
  return [type.trim().toLowerCase(), Number(QUALITY.exec(element)?.[1] ?? 1)];
}
