type OnFailure = (error: unknown, name: string) => void;

/** Work that was begun for a request and that its answer does not wait for. */
export class BackgroundWork {
  readonly #running = new Set<Promise<void>>();
  readonly #onFailure: OnFailure;

  constructor(onFailure: OnFailure) {
    this.#onFailure = onFailure;
  }

  /** Starts the work in a later turn of the event loop. A failure is reported, and nothing else comes of it. */
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
