import type { ErrorCode } from '@latchkey/contract';
import { AppError } from '../shared/app-error.ts';

/** What became of the items of a bulk call, each in the order in which it was asked for. */
export interface BulkOutcome<Done> {
  readonly done: readonly Done[];
  readonly failed: readonly { readonly id: string; readonly error: AppError }[];
}

/** The storage has failed and not the item: the items after it would fail as well. */
const STORAGE_FAILURES: ReadonlySet<ErrorCode> = new Set([
  'STORAGE_FULL',
  'UNAVAILABLE',
  'COMMIT_UNCONFIRMED',
]);

/**
 * Runs a verb for each item, one after the other, so that one that fails leaves the others alone. An id that stands in
 * the call twice fails where it is repeated. Where the storage fails, the whole call fails if no item is done yet; else
 * this item and all after it fail, which are not tried. Any other error that is not an AppError ends the whole call.
 */
export async function eachItem<Item extends { readonly id: string }, Done>(
  items: readonly Item[],
  verb: (item: Item) => Promise<Done>,
): Promise<BulkOutcome<Done>> {
  const done: Done[] = [];
  const failed: { id: string; error: AppError }[] = [];
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    try {
      if (seen.has(item.id))
        throw new AppError('CONFLICT', { message: 'This id stands in the call more than once' });
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

/** What became of this item may be unknown; of those after it nothing was changed. */
function notTried(items: readonly { readonly id: string }[], { code, cause }: AppError) {
  const error = new AppError(code === 'COMMIT_UNCONFIRMED' ? 'UNAVAILABLE' : code, { cause });
  return items.map(({ id }) => ({ id, error }));
}
