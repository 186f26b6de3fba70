/** Where an item is in its list: what the list is sorted by, and the id that breaks ties. */
export interface Position {
  readonly value: string | number | null;
  readonly id: string;
}

export interface PageRequest {
  readonly limit: number;
  /** The page begins with the first item after this position, whether or not an item is there; null: with the first item. */
  readonly after: Position | null;
}

export interface Page<T> {
  /** Up to `limit` of them. There can be fewer, also where `next` is not null. */
  readonly items: readonly T[];
  /** The position after which the next page begins; null: there is none. */
  readonly next: Position | null;
}

/** A page of a list that is short enough to be read whole. `compare` is the order in which the items are sorted. */
export function pageOfWhole<T>(
  sorted: readonly T[],
  { limit, after }: PageRequest,
  positionOf: (item: T) => Position,
  compare: (one: Position, other: Position) => number,
): Page<T> {
  const rest = after ? sorted.filter((item) => compare(positionOf(item), after) > 0) : sorted;
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return { items, next: last && rest.length > limit ? positionOf(last) : null };
}
