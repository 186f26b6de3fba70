/** Makes several store calls one change. */
export interface UnitOfWork<Stores> {
  /**
   * Runs `work` in one transaction: when it resolves, all writes are durable; when it rejects, none happened.
   * `work` may run more than once when an engine needs a retry, so its only side effects must be on the stores.
   */
  transact<T>(work: (stores: Stores) => Promise<T>): Promise<T>;
}
