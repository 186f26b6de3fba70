import { PAGE_SIZE_DEFAULT, SHORT_LIST_MAX } from '@latchkey/contract';
import { invalid } from './app-error.ts';
import { type ListOrder, readCursor, writeCursor } from './cursor.ts';

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

export interface PageInput {
  readonly limit?: number | undefined;
  /** The `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
}

export interface PageEnd {
  readonly limit: number;
  /** Null: this is the last page. */
  readonly nextCursor: string | null;
}

/** The page that the input asks for. VALIDATION_FAILED for a cursor that is not one of this list. */
export async function readPage<P extends Page<unknown>>(
  order: ListOrder,
  { limit = SHORT_LIST_MAX, cursor }: PageInput,
  read: (page: PageRequest) => Promise<P>,
): Promise<P & PageEnd> {
  const after = cursor === undefined ? null : readCursor(order, cursor);
  const page = await read({ limit, after });
  return { ...page, limit, nextCursor: page.next && writeCursor(order, page.next) };
}

/** A page as a verb returns it. */
export type ListedPage<T> = Page<T> & PageEnd;

/** As `readPage`, for a list that can also be read by offset. VALIDATION_FAILED for a cursor together with an offset. */
export async function readCountedPage<P extends Page<unknown>>(
  order: ListOrder,
  input: PageInput & { readonly offset?: number | undefined },
  read: (page: PageRequest & { readonly offset: number }) => Promise<P>,
): Promise<P & PageEnd & { readonly offset: number | null }> {
  const { cursor, offset, limit = PAGE_SIZE_DEFAULT } = input;
  if (cursor !== undefined && offset !== undefined)
    throw invalid('cursor', 'cannot be used together with offset; send one of them');
  const page = await readPage(order, { limit, cursor }, (asked) => read({ ...asked, offset: offset ?? 0 }));
  return { ...page, offset: cursor === undefined ? (offset ?? 0) : null };
}
