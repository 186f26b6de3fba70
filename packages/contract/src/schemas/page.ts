import { type Static, Type } from 'typebox';
import { Nullable } from './primitives.ts';

export const PAGE_SIZE_DEFAULT = 50;
export const PAGE_SIZE_MAX = 100;
/** Of lists that are short in most workspaces: clients that know no cursors get the whole list. */
export const SHORT_LIST_MAX = 1_000;
/** Far beyond any real list; a bound so that an offset stays a safe integer in every engine. */
const OFFSET_MAX = 1_000_000_000;

/** Characters; more than any cursor has. */
const CURSOR_LENGTH_MAX = 1_024;

const cursorOnly = {
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: CURSOR_LENGTH_MAX,
      description:
        'The `nextCursor` of the page before, with the same filters and the same order; left out: the first page. Items that are added or removed meanwhile move no other item to another page.',
      examples: ['WyIxZm9sUHFXQXRkVkJ1dXN1IiwxNzk1NDI1MDAwMDAwLCJpZCJd'],
    }),
  ),
};

/** The parameters of a list that is read with cursors alone. */
export const CursorQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: SHORT_LIST_MAX, default: SHORT_LIST_MAX })),
  ...cursorOnly,
};

/** The parameters of a list that can also be read by offset. */
export const PageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_SIZE_MAX, default: PAGE_SIZE_DEFAULT })),
  ...cursorOnly,
  offset: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: OFFSET_MAX,
      default: 0,
      description:
        'Items to skip. Items that are added or removed between two pages shift those after them, so some are skipped or repeated: use `cursor` to read a whole list. Not together with `cursor`.',
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
    description: 'The `cursor` of the next page; null: this is the last page.',
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
    total: Type.Integer({ description: 'How many items match, on all pages.' }),
    limit: Type.Integer(),
    offset: Type.Integer({ description: '0 on a page that a cursor asked for.' }),
    hasNext: Type.Boolean(),
    hasPrevious: Type.Boolean(),
    nextCursor,
  },
  { title: 'Pagination' },
);

export type PaginationBody = Static<typeof Pagination>;
