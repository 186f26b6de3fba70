import type { ChangeFeed, ChangeListener, Invalidation } from '../domain/shared/change-feed.ts';

/** The change feed of one process. Calls the listeners synchronously, before `publish` returns. */
export class InProcessFeed implements ChangeFeed {
  readonly #listeners: ChangeListener[] = [];

  subscribe(listener: ChangeListener): void {
    this.#listeners.push(listener);
  }

  publish(changes: readonly Invalidation[]): void {
    if (changes.length === 0) return;
    for (const listener of this.#listeners) listener(changes);
  }
}
