/** Makes several store calls one change. */
export interface UnitOfWork<Stores> {
  /**
   * Runs `work` in one transaction: when it resolves, all writes are durable; when it rejects, none happened.
   * `work` may run more than once when an engine needs a retry, so its only side effects must be on the stores.
   */
  transact<T>(work: (stores: Stores) => Promise<T>): Promise<T>;
}

/** The needs of a verb, whose change then joins the transaction of these stores. */
export function within<Needs, Stores>(
  needs: Needs,
  stores: Stores,
): Needs & { unitOfWork: UnitOfWork<Stores> } {
  return { ...needs, unitOfWork: { transact: (work) => work(stores) } };
}

/** Runs changes for their outcome only. */
export interface Rehearsal<Stores> {
  /**
   * Runs `change` with a unit of work whose transactions are parts of one transaction, which is rolled back at the end. Each
   * part reads what the parts before it wrote, and a part that rejects leaves nothing. Nothing is stored. Resolves or
   * rejects as `change` does. It blocks other changes until it ends.
   */
  rehearse<T>(change: (unitOfWork: UnitOfWork<Stores>) => Promise<T>): Promise<T>;
}
