import type { ErrorCode } from '@latchkey/contract';
import { AppError } from '../shared/app-error.ts';

/** The results of a bulk call: the items that succeeded and those that failed, each in the order of the request. */
export interface BulkOutcome<Done> {
  readonly done: readonly Done[];
  readonly failed: readonly { readonly id: string; readonly error: AppError }[];
}

/** Errors of the storage, not of the item: later items would fail as well. */
const STORAGE_FAILURES: ReadonlySet<ErrorCode> = new Set([
  'STORAGE_FULL',
  'UNAVAILABLE',
  'COMMIT_UNCONFIRMED',
]);

/**
 * Runs `verb` for each item, one after the other; an item that fails does not affect the others. A repeated id fails with
 * CONFLICT. If the storage fails before any item succeeded, throws its error; otherwise reports this item and all later
 * items, which are not tried, as failed. Throws any error that is not an AppError.
 */
export async function forEachItem<Item extends { readonly id: string }, Done>(
  items: readonly Item[],
  verb: (item: Item) => Promise<Done>,
): Promise<BulkOutcome<Done>> {
  const done: Done[] = [];
  const failed: { id: string; error: AppError }[] = [];
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    try {
      if (seen.has(item.id))
        throw new AppError('CONFLICT', {
          message: `The call contains ${item.id} more than once; send each id once`,
        });
      seen.add(item.id);
      done.push(await verb(item));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      failed.push({ id: item.id, error });
      if (!STORAGE_FAILURES.has(error.code)) continue;
      if (done.length === 0) throw error;
      return { done, failed: [...failed, ...notTried(items.slice(index + 1), error)] };
    }
  }
  return { done, failed };
}

/** COMMIT_UNCONFIRMED does not apply to items that were never tried: nothing of them was written. */
function notTried(items: readonly { readonly id: string }[], { code, cause }: AppError) {
  const error = new AppError(code === 'COMMIT_UNCONFIRMED' ? 'UNAVAILABLE' : code, { cause });
  return items.map(({ id }) => ({ id, error }));
}
