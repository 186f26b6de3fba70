/*
 * What the text of a key looks like: <prefix>_<environment>_<43 random base62 characters><6 of a checksum>. For finding
 * keys where none belong; `key-text.ts` makes them and tells true ones from others. A token of an identity provider is
 * as good as a key as long as it lasts, and looks like this: three parts, of which the first begins a JSON object.
 */

export const RANDOM_LENGTH = 43;
export const CHECKSUM_LENGTH = 6;

const LABEL = '[a-z][a-z0-9]{0,15}';
/** A regular expression, without anchors. */
export const KEY_LOOK = `${LABEL}_${LABEL}_[0-9A-Za-z]{${RANDOM_LENGTH + CHECKSUM_LENGTH}}`;

/** Not in the middle of a word, so that a long word is looked at once. */
const JWT_LOOK = '(?<![\\w-])eyJ[\\w-]{8,}\\.[\\w-]{8,}\\.[\\w-]*';

const ANYWHERE = new RegExp(`${KEY_LOOK}|${JWT_LOOK}`);

/** So many of the random characters may be known to others: what is left to guess still has 128 bits. */
const TELLING_MAX = 21;
/** More of them have letters of both cases: ids, digests in hex and long words, which names may have, do not. */
const PART_LOOK = `(?=[0-9a-z]*[A-Z])(?=[0-9A-Z]*[a-z])[0-9A-Za-z]{${TELLING_MAX + 1},}`;
const WHOLE_LOOK = `[0-9A-Za-z]{${RANDOM_LENGTH + CHECKSUM_LENGTH},}`;
const TELLING = new RegExp(`(${LABEL}_${LABEL}_)(?:${WHOLE_LOOK}|${PART_LOOK})`, 'g');
const JWTS = new RegExp(JWT_LOOK, 'g');

/** Does anything that looks like a key, true or not, stand in the text? */
export function containsKeyText(text: string): boolean {
  return ANYWHERE.test(text);
}

/** Does anything stand in the text that looks like a key, or like enough of one to guess the rest? */
export function tellsKeyText(text: string): boolean {
  return redactKeyTexts(text) !== text;
}

/** The text with all that looks like a key, or like enough of one to guess the rest, replaced by its labels and `…`. */
export function redactKeyTexts(text: string): string {
  return text.replaceAll(TELLING, '$1…').replaceAll(JWTS, 'eyJ…');
}
