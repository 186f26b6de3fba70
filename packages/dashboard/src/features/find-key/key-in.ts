import { containsSecret, isKeyText } from '@latchkey/contract/key-format';

export type KeyInText =
  | { readonly isWhole: true; readonly secret: string }
  | { readonly isWhole: false; readonly problem: string };

/** Words that can be keys: the labels and the random text, joined by underscores. */
const WORD = /[0-9A-Za-z]+(?:_[0-9A-Za-z]+)+/g;

/** The first key in a text, with a valid checksum; what is wrong if there is none; null for an empty text. */
export function keyIn(text: string): KeyInText | null {
  if (text.trim() === '') return null;
  const secret = (text.match(WORD) ?? []).find(isKeyText);
  if (secret !== undefined) return { isWhole: true, secret };
  const problem = containsSecret(text)
    ? 'This is not a Latchkey key: its checksum is wrong. Check that it was copied whole.'
    : 'There is no whole Latchkey key in this text. A key has the form lk_live_…, and ends with 49 letters and digits.';
  return { isWhole: false, problem };
}
