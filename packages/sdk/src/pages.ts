import { PAGE_SIZE_MAX } from '@latchkey/contract';
import { LatchkeyProtocolError } from './errors.ts';

/** Selects a page of a list: the page at the cursor, or the first page without one. */
export interface PagePlace {
  readonly limit: number;
  readonly cursor?: string;
}

interface PageEnd {
  readonly pagination: { readonly nextCursor: string | null };
}

/**
 * Yields the items of a list, one page after another. Items that are added or removed during the iteration do not move other
 * items to another page. Throws what `read` throws, and LatchkeyProtocolError if a page has its own cursor as the next.
 */
export async function* itemsOf<Page extends PageEnd, Item>(
  read: (place: PagePlace) => Promise<Page>,
  itemsOn: (page: Page) => readonly Item[],
): AsyncGenerator<Item, void, undefined> {
  for (let place: PagePlace = { limit: PAGE_SIZE_MAX }; ; ) {
    const page: Page = await read(place);
    yield* itemsOn(page);
    const { nextCursor } = page.pagination;
    if (nextCursor === null) return;
    if (nextCursor === place.cursor)
      throw new LatchkeyProtocolError('The response has the cursor of its own page as nextCursor', 200);
    place = { limit: PAGE_SIZE_MAX, cursor: nextCursor };
  }
}
