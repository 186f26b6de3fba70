import { AppError } from '../shared/app-error.ts';

/** What became of the items of a bulk call, each in the order in which it was asked for. */
export interface BulkOutcome<Done> {
  readonly done: readonly Done[];
  readonly failed: readonly { readonly id: string; readonly error: AppError }[];
}

/**
 * Runs a verb for each item, one after the other, so that one that fails leaves the others alone. An id that stands in
 * the call twice fails where it is repeated. Errors that are not the caller's end the whole call.
 */
export async function eachItem<Item extends { readonly id: string }, Done>(
  items: readonly Item[],
  verb: (item: Item) => Promise<Done>,
): Promise<BulkOutcome<Done>> {
  const done: Done[] = [];
  const failed: { id: string; error: AppError }[] = [];
  const seen = new Set<string>();
  for (const item of items) {
    try {
      if (seen.has(item.id))
        throw new AppError('CONFLICT', { message: 'This id stands in the call more than once' });
      seen.add(item.id);
      done.push(await verb(item));
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'STORAGE_FULL' || error.code === 'UNAVAILABLE')
        throw error;
      failed.push({ id: item.id, error });
    }
  }
  return { done, failed };
}
