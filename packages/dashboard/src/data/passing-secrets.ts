import { containsSecret } from '@latchkey/contract/key-format';

let token = '';
let text = '';

/**
 * The token of a sign-in link or an invitation, which is in the fragment of the URL. It is kept in memory alone: `take`
 * removes it from the URL and from the history of a shared computer.
 */
export const linkToken = {
  /** Called before the router reads the URL. */
  take(): void {
    const fragment = location.hash.slice(1);
    if (fragment === '') return;
    token = fragment;
    history.replaceState(null, '', location.pathname + location.search);
  },
  /** Empty if there is none. */
  get: (): string => token,
  drop(): void {
    token = '';
  },
};

/** A text with a key that was pasted into a search field, on its way to the search for a leaked key. In memory alone. */
export const pastedKey = {
  /** Keeps the text if it contains a key; returns whether it does. */
  take(given: string): boolean {
    if (!containsSecret(given)) return false;
    text = given;
    return true;
  },
  /** Returns the text and drops it; empty if there is none. */
  drop(): string {
    const given = text;
    text = '';
    return given;
  },
};
