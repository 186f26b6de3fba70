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
const TELLING = new RegExp(`(${LABEL}_${LABEL}_)[0-9A-Za-z]{${TELLING_MAX + 1},}`, 'g');
/** Of these, what has letters of both cases: ids, digests in hex and long words, which names may have, do not. */
const MOST = new RegExp(
  `${LABEL}_${LABEL}_(?=[0-9a-z]*[A-Z])(?=[0-9A-Z]*[a-z])[0-9A-Za-z]{${TELLING_MAX + 1},}`,
);
const JWTS = new RegExp(JWT_LOOK, 'g');

/** Does anything that looks like a key, true or not, stand in the text? */
export function containsKeyText(text: string): boolean {
  return ANYWHERE.test(text);
}

/** As `containsKeyText`, or so much of a random one that the rest can be guessed. */
export function containsMostOfKeyText(text: string): boolean {
  return containsKeyText(text) || MOST.test(text);
}

/** The text with all that looks like a key, or like enough of one to guess the rest, replaced by its labels and `…`. */
export function redactKeyTexts(text: string): string {
  return text.replaceAll(TELLING, '$1…').replaceAll(JWTS, 'eyJ…');
}
