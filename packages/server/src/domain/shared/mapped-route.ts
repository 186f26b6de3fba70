import type { Permission } from '@latchkey/contract';

/** The method of a route that is mapped for every method. */
export const ANY_METHOD = '*';

/** A route of the API behind a gateway, and what a request to it needs. */
export interface MappedRoute {
  /** Upper case, or `ANY_METHOD`. */
  readonly method: string;
  /**
   * A path in which `{name}` matches one segment, and `**` at the end matches one or more. A slash at the end makes no
   * difference, and neither does the case of letters.
   */
  readonly path: string;
  readonly permissions: readonly Permission[];
  /** The quota that a request uses. */
  readonly cost: number;
}
