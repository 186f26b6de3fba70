import { KEY_STATUSES, type KeyStatus } from '@latchkey/contract';

const SORTS = ['name', 'lastUsedAt', 'expiresAt', 'createdAt'] as const;
export type KeySort = (typeof SORTS)[number];

/** The newest keys first. In an order by last use, the service puts keys without use before all others. */
export const SORT_DEFAULT: KeySort = 'createdAt';

/** The order in which a column is sorted at first. */
export const ORDER_DEFAULT = {
  name: 'asc',
  expiresAt: 'asc',
  lastUsedAt: 'desc',
  createdAt: 'desc',
} as const;

/** The filters, the order and the page of the list of keys, as they are in the URL. */
export interface KeysSearch {
  readonly search?: string;
  readonly status?: KeyStatus;
  readonly owner?: string;
  readonly permission?: string;
  /** Days in which the key expires. */
  readonly expires?: number;
  /** Days without use. */
  readonly unused?: number;
  readonly exceeds?: true;
  readonly sort?: KeySort;
  readonly order?: 'asc' | 'desc';
  /** The number of the page, from 2. */
  readonly page?: number;
}

const DAYS_MAX = 3_650;

/** Reads what is valid, and ignores the rest. */
export function keysSearch(given: Record<string, unknown>): KeysSearch {
  const text = (name: string) => (given[name] === undefined ? '' : String(given[name]).slice(0, 100));
  const found: Record<string, unknown> = {};
  for (const name of ['search', 'owner', 'permission']) if (text(name) !== '') found[name] = text(name);
  for (const name of ['expires', 'unused', 'page']) {
    const value = Number(text(name));
    if (Number.isInteger(value) && value > 0 && value <= DAYS_MAX) found[name] = value;
  }
  if (KEY_STATUSES.some((status) => status === text('status'))) found.status = text('status');
  if (SORTS.some((sort) => sort === text('sort'))) found.sort = text('sort');
  if (/^(asc|desc)$/.test(text('order'))) found.order = text('order');
  if (text('exceeds') === 'true') found.exceeds = true;
  return found;
}

/** Does the URL name a filter? The order and the page are none. */
export function hasFilters({ sort, order, page, ...filters }: KeysSearch): boolean {
  return Object.keys(filters).length > 0;
}
