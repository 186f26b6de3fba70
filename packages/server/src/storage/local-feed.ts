import type { Change, ChangeFeed, ChangeListener } from '../domain/shared/change-feed.ts';

/** The feed of one process: whoever listens has heard when `publish` returns. */
export class LocalFeed implements ChangeFeed {
  readonly #listeners: ChangeListener[] = [];

  subscribe(listener: ChangeListener): void {
    this.#listeners.push(listener);
  }

  publish(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    for (const listener of this.#listeners) listener(changes);
  }
}
