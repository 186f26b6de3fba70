/** Makes several store calls one change. */
export interface UnitOfWork<Stores> {
  /**
   * Runs `work` in one transaction: when it resolves, all it wrote is durable; when it rejects, nothing of it happened.
   * `work` may run more than once where an engine asks for a retry, so it must not touch anything but the stores.
   */
  transact<T>(work: (stores: Stores) => Promise<T>): Promise<T>;
}
