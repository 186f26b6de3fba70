/** Accents of the Latin, Greek and Cyrillic scripts. Marks of other scripts are letters of their own, and stay. */
const ACCENTS = /[\u0300-\u036f]/g;

/** Letters that readers see as variants of a base letter, but that have no decomposition in Unicode. */
const UNDECOMPOSED = new Map(
  Object.entries({ æ: 'ae', đ: 'd', ħ: 'h', ł: 'l', ø: 'o', œ: 'oe', ŧ: 't', ς: 'σ' }),
);
const UNDECOMPOSED_LETTERS = new RegExp(`[${[...UNDECOMPOSED.keys()].join('')}]`, 'g');

/**
 * The key by which a name is sorted and searched. It ignores case (`ß` is `ss`), accents and compatibility forms such as
 * full width. It does not depend on a locale or a database, so all engines sort and find the same. Sorted by code point,
 * accented letters are next to their base letter.
 */
export function searchKey(text: string): string {
  const decomposed = foldCase(text.normalize('NFKD')).normalize('NFKD');
  const bare = decomposed.replaceAll(ACCENTS, '').normalize('NFC');
  // For accents alone the key would be empty, and the empty text is part of every name.
  return replaceUndecomposed(bare === '' ? decomposed : bare);
}

/** Compares two names by their search keys: negative, 0 or positive. */
export function compareNames(one: string, other: string): number {
  const [key, otherKey] = [searchKey(one), searchKey(other)];
  if (key === otherKey) return 0;
  return key < otherKey ? -1 : 1;
}

/** Full case folding: one letter can become several in upper case, and several letters can become one. */
function foldCase(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase();
}

function replaceUndecomposed(text: string): string {
  return text.replaceAll(UNDECOMPOSED_LETTERS, (letter) => UNDECOMPOSED.get(letter) ?? letter);
}
