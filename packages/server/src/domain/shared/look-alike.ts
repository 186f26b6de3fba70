import unhomoglyph from 'unhomoglyph';

/** Invisible characters (The Unicode Standard, section 5.21). */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;
const SPACES = /\s+/g;

/**
 * A text that is equal for names that look the same: the skeleton of Unicode Technical Standard 39, section 4, without
 * invisible characters and in lower case. Do not display it: `m` becomes `rn`, for instance.
 *
 * Capitals have look-alikes of their own (I and l), so look-alikes are replaced before and after the change of case.
 */
export function skeletonOf(name: string): string {
  const visible = name.normalize('NFD').replaceAll(INVISIBLE, '').replaceAll(SPACES, ' ');
  return unhomoglyph(unhomoglyph(visible).toLowerCase()).replaceAll('i', 'l').normalize('NFD');
}
