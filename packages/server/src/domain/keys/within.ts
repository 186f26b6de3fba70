import type { UnitOfWork } from '../shared/unit-of-work.ts';

/** The needs of a verb, whose change then joins the transaction of these stores. */
export function within<Needs, Stores>(
  needs: Needs,
  stores: Stores,
): Needs & { unitOfWork: UnitOfWork<Stores> } {
  return { ...needs, unitOfWork: { transact: (work) => work(stores) } };
}
