import unhomoglyph from 'unhomoglyph';

/** Characters that a reader does not see (The Unicode Standard, section 5.21). */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;
const SPACES = /\s+/g;

/**
 * The same text for names that a reader can take for each other: the skeleton of Unicode Technical Standard 39, section 4,
 * without invisible characters and without regard to case. Not for showing: `m` is `rn` in it, for instance.
 *
 * Capitals have look-alikes of their own (I and l), so the look-alikes are replaced before and after the change of case.
 */
export function skeletonOf(name: string): string {
  const visible = name.normalize('NFD').replaceAll(INVISIBLE, '').replaceAll(SPACES, ' ');
  return unhomoglyph(unhomoglyph(visible).toLowerCase()).replaceAll('i', 'l').normalize('NFD');
}
