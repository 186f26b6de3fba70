import type { CursorPaginationBody, PaginationBody } from '@latchkey/contract';
import type { PageEnd } from '../../domain/shared/page.ts';

export function presentPage({ limit, nextCursor }: PageEnd): CursorPaginationBody {
  return { limit, nextCursor };
}

/** A page of a list that can also be read by offset. */
export interface CountedPage extends PageEnd {
  readonly items: readonly unknown[];
  /** The number of matching items on all pages. */
  readonly total: number;
  /** Null: the page was requested by cursor. */
  readonly offset: number | null;
}

export function presentCountedPage({ items, total, limit, offset, nextCursor }: CountedPage): PaginationBody {
  // After the last entry that an offset can reach, a search continues by cursor.
  const hasNext = offset === null ? nextCursor !== null : offset + items.length < total;
  return { total, limit, offset: offset ?? 0, hasNext, hasPrevious: offset !== 0, nextCursor };
}
