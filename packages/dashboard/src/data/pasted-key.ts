import { containsSecret } from '@latchkey/contract/key-format';

let text = '';

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
