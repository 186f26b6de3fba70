type OnFailure = (error: unknown, name: string) => void;

/** Work that a request starts and whose end its response does not wait for. */
export class BackgroundWork {
  readonly #running = new Set<Promise<void>>();
  readonly #onFailure: OnFailure;

  constructor(onFailure: OnFailure) {
    this.#onFailure = onFailure;
  }

  /** Starts the work in a later turn of the event loop. A failure is reported to `onFailure` and not retried. */
  run(name: string, work: () => Promise<unknown>): void {
    const running = new Promise((resolve) => setImmediate(resolve))
      .then(work)
      .catch((error: unknown) => this.#onFailure(error, name))
      .then(() => void this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when nothing is running. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
