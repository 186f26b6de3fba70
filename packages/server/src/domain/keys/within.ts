import type { UnitOfWork } from '../shared/unit-of-work.ts';

/** What a verb needs, with its change as a part of the transaction of these stores. */
export function within<Needs, Stores>(
  needs: Needs,
  stores: Stores,
): Needs & { unitOfWork: UnitOfWork<Stores> } {
  return { ...needs, unitOfWork: { transact: (work) => work(stores) } };
}
