import { PAGE_SIZE_MAX } from '@latchkey/contract';
import { LatchkeyProtocolError } from './errors.ts';

/** What a list is asked for: its first page, or the one at the cursor. */
export interface PagePlace {
  readonly limit: number;
  readonly cursor?: string;
}

interface PageEnd {
  readonly pagination: { readonly nextCursor: string | null };
}

/**
 * The items of a list, page by page. Items that are added or removed meanwhile, also by the caller, move no other item to
 * another page. Throws as `read` does.
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
      throw new LatchkeyProtocolError('A page names itself as the next one', 200);
    place = { limit: PAGE_SIZE_MAX, cursor: nextCursor };
  }
}
