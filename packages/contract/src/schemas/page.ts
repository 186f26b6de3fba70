import { type Static, Type } from 'typebox';

export const PAGE_SIZE_DEFAULT = 50;
export const PAGE_SIZE_MAX = 100;
/** Far beyond any real list; a bound so that an offset stays a safe integer in every engine. */
const OFFSET_MAX = 1_000_000_000;

export const PageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_SIZE_MAX, default: PAGE_SIZE_DEFAULT })),
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: OFFSET_MAX, default: 0 })),
};

export const SORT_ORDERS = ['asc', 'desc'] as const;
export type SortOrder = (typeof SORT_ORDERS)[number];

export const SortOrderSchema = Type.Unsafe<SortOrder>({
  type: 'string',
  enum: [...SORT_ORDERS],
  default: 'desc',
});

export const Pagination = Type.Object(
  {
    total: Type.Integer(),
    limit: Type.Integer(),
    offset: Type.Integer(),
    hasNext: Type.Boolean(),
    hasPrevious: Type.Boolean(),
  },
  { title: 'Pagination' },
);

export type PaginationBody = Static<typeof Pagination>;
