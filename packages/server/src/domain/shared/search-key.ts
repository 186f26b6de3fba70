/** Accents of the Latin, Greek and Cyrillic scripts. Marks of other scripts are letters of their own, and stay. */
const ACCENTS = /[\u0300-\u036f]/g;

/** Latin letters that look like another one with a mark, and yet have no decomposition in Unicode. */
const UNDECOMPOSED = new Map(
  Object.entries({ æ: 'ae', đ: 'd', ħ: 'h', ł: 'l', ø: 'o', œ: 'oe', ŧ: 't', ς: 'σ' }),
);
const UNDECOMPOSED_LETTERS = new RegExp(`[${[...UNDECOMPOSED.keys()].join('')}]`, 'g');

/**
 * What a name is sorted by and searched in: without regard to case (`ß` is `ss`), to accents and to compatibility forms
 * such as full width. It depends on no locale and no database, so every engine sorts and finds the same. Sorted by code
 * point, accented letters are next to their base letter.
 */
export function searchKey(text: string): string {
  const decomposed = foldCase(text.normalize('NFKD')).normalize('NFKD');
  const bare = decomposed.replaceAll(ACCENTS, '').normalize('NFC');
  // Of accents alone nothing would be left, and nothing is found in everything.
  return replaceUndecomposed(bare === '' ? decomposed : bare);
}

/** The order of two names, as a list sorted by their search keys has it. */
export function compareNames(one: string, other: string): number {
  const [key, otherKey] = [searchKey(one), searchKey(other)];
  if (key === otherKey) return 0;
  return key < otherKey ? -1 : 1;
}

/** Full case folding: some letters are several in upper case, and several letters are one. */
function foldCase(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase();
}

function replaceUndecomposed(text: string): string {
  return text.replaceAll(UNDECOMPOSED_LETTERS, (letter) => UNDECOMPOSED.get(letter) ?? letter);
}
