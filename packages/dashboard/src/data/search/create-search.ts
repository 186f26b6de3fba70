/** Values with which a link fills the form of a new key. They never submit it. */
export interface CreateSearch {
  readonly name?: string;
  readonly owner?: string;
  /** Days, such as `90d`, or `never`. */
  readonly expires?: string;
  /** Separated by commas. */
  readonly permissions?: string;
  readonly preset?: 'read' | 'same';
}

const TEXT_MAX = 4_000;

export function createSearch(given: Record<string, unknown>): CreateSearch {
  const found: Record<string, string> = {};
  for (const name of ['name', 'owner', 'expires', 'permissions'])
    if (given[name] !== undefined) found[name] = String(given[name]).slice(0, TEXT_MAX);
  if (given.preset === 'read' || given.preset === 'same') found.preset = given.preset;
  return found;
}
