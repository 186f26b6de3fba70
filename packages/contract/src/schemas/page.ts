import { type Static, Type } from 'typebox';
import { Nullable } from './primitives.ts';

export const PAGE_SIZE_DEFAULT = 50;
export const PAGE_SIZE_MAX = 100;
/** The default and the maximum limit of lists that are short in most workspaces, so that clients without cursors get all items. */
export const SHORT_LIST_MAX = 1_000;
/** Larger than any real list; keeps an offset a safe integer in every database. */
const OFFSET_MAX = 1_000_000_000;

/** In characters; longer than any cursor that the service issues. */
const CURSOR_LENGTH_MAX = 1_024;

const cursorOnly = {
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: CURSOR_LENGTH_MAX,
      description:
        'The `nextCursor` of the previous page, with the same filters and the same order; the first page by default. Items that are added or removed between two calls do not move other items to another page.',
      examples: ['WyIxZm9sUHFXQXRkVkJ1dXN1IiwxNzk1NDI1MDAwMDAwLCJpZCJd'],
    }),
  ),
};

/** The parameters of a list with cursor pagination only. */
export const CursorQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: SHORT_LIST_MAX, default: SHORT_LIST_MAX })),
  ...cursorOnly,
};

/** The parameters of a list with cursor and offset pagination. */
export const PageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_SIZE_MAX, default: PAGE_SIZE_DEFAULT })),
  ...cursorOnly,
  offset: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: OFFSET_MAX,
      default: 0,
      description:
        'The number of items to skip. Items that are added or removed between two calls shift the items after them, so some are skipped or repeated: use `cursor` to read a whole list. Cannot be combined with `cursor`.',
    }),
  ),
};

export const SORT_ORDERS = ['asc', 'desc'] as const;
export type SortOrder = (typeof SORT_ORDERS)[number];

export const SortOrderSchema = Type.Unsafe<SortOrder>({
  type: 'string',
  enum: [...SORT_ORDERS],
  default: 'desc',
});

const nextCursor = Nullable(
  Type.String({
    description: 'The `cursor` of the next page; null on the last page.',
    examples: ['WyIxZm9sUHFXQXRkVkJ1dXN1IiwxNzk1NDI1MDAwMDAwLCJpZCJd'],
  }),
);

export const CursorPagination = Type.Object(
  { limit: Type.Integer(), nextCursor },
  { title: 'CursorPagination' },
);

export type CursorPaginationBody = Static<typeof CursorPagination>;

export const Pagination = Type.Object(
  {
    total: Type.Integer({ description: 'The number of matching items on all pages.' }),
    limit: Type.Integer(),
    offset: Type.Integer({ description: '0 if the page was requested with a cursor.' }),
    hasNext: Type.Boolean(),
    hasPrevious: Type.Boolean(),
    nextCursor,
  },
  { title: 'Pagination' },
);

export type PaginationBody = Static<typeof Pagination>;
