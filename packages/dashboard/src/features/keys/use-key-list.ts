import type { ListQuery } from '@latchkey/sdk';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { latchkey } from '../../data/client.ts';
import { KEYS } from '../../data/queries.ts';
import { type KeysSearch, ORDER_DEFAULT, SORT_DEFAULT } from '../../data/search-parameters.ts';
import { DAY_MS } from '../../ui/time.ts';

export const PAGE_SIZE = 50;
/** Times in queries are of the whole minute, so that the same filter is the same query for a while. */
const MINUTE_MS = 60_000;

/** The cursors of pages that the page before them named. A page that was opened by its URL has none, and uses an offset. */
const cursors = new Map<string, string>();

/** The filters and the order as the API takes them. */
export function listQueryOf(search: KeysSearch): ListQuery {
  const now = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const { expires, unused, permission, owner, status } = search;
  const isAttention = expires !== undefined || unused !== undefined || search.exceeds;
  const shown = status ?? (isAttention ? 'active' : undefined);
  return {
    ...(search.search && { search: search.search }),
    ...(shown && { status: shown }),
    ...(owner && { userId: owner }),
    ...(permission && { permission }),
    ...(expires && { expiresBefore: new Date(now + expires * DAY_MS).toISOString() }),
    ...(unused && { unusedSince: new Date(now - unused * DAY_MS).toISOString() }),
    ...(search.exceeds && { exceedsOwner: true }),
    sortBy: search.sort ?? SORT_DEFAULT,
    sortOrder: search.order ?? ORDER_DEFAULT[search.sort ?? SORT_DEFAULT],
  };
}

/** One page of the list. A new page or filter keeps the rows of the former one until it is loaded. */
export function useKeyList(search: KeysSearch) {
  const { page = 1, ...filters } = search;
  const query = listQueryOf(filters);
  const placeOf = (number: number) => JSON.stringify([filters, number]);
  return useQuery({
    queryKey: [...KEYS, 'list', query, page],
    placeholderData: keepPreviousData,
    async queryFn() {
      const cursor = cursors.get(placeOf(page));
      const place = cursor === undefined ? { offset: (page - 1) * PAGE_SIZE } : { cursor };
      const result = await latchkey.keys.list({ ...query, limit: PAGE_SIZE, ...(page > 1 && place) });
      const { nextCursor } = result.pagination;
      if (nextCursor !== null) cursors.set(placeOf(page + 1), nextCursor);
      return result;
    },
  });
}

/** How many active keys match a filter. */
export function useKeyCount(name: string, filter: KeysSearch) {
  const { data } = useQuery({
    queryKey: [...KEYS, 'attention', name],
    queryFn: async () => (await latchkey.keys.list({ ...listQueryOf(filter), limit: 1 })).pagination.total,
  });
  return data ?? 0;
}
