import { containsMostOfSecret } from '@latchkey/contract';
import unhomoglyph from 'unhomoglyph';
import { invalid } from '../app-error.ts';

// Controls, line and paragraph separators, lone surrogates, noncharacters, and the bidirectional formatting characters
// that can make text read as another text (Unicode Technical Report 36).
const FORBIDDEN =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

/** UTF-16 units that NFC can compose into one code point. */
const UNITS_A_CODE_POINT_MAX = 4;
// A visible character: not white space, a combining mark, or a format character.
const VISIBLE = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cf}\p{M}\u2800]/u;

/**
 * Parses a line of text for people: normalised to NFC, trimmed, 1 to `codePointsMax` code points. Throws VALIDATION_FAILED
 * for `field` when the text is too long, has no visible character, has a forbidden one, or has a key or most of one: a
 * secret that a user entered in the wrong field is not stored, nor so much of it that the rest can be guessed.
 */
export function parsePlainText(text: string, field: string, codePointsMax: number): string {
  const trimmed = text.trim();
  // Checked before normalising, which takes quadratic time when combining marks are out of order.
  if (trimmed.length > UNITS_A_CODE_POINT_MAX * codePointsMax)
    throw invalid(field, `must have at most ${codePointsMax} characters`);
  const normal = trimmed.normalize('NFC').trim();
  if (FORBIDDEN.test(normal)) {
    throw invalid(field, 'must not contain control characters, bidirectional formatting or broken Unicode');
  }
  const length = [...normal].length;
  if (length < 1) throw invalid(field, 'must not be empty');
  if (!VISIBLE.test(normal)) throw invalid(field, 'must have a visible character');
  if (length > codePointsMax)
    throw invalid(field, `must have at most ${codePointsMax} characters, not ${length}`);
  requireNoSecret(normal, field);
  return normal;
}

/** Throws VALIDATION_FAILED for `field` when the text contains a Latchkey secret, or most of one. */
export function requireNoSecret(text: string, field: string): void {
  if (containsMostOfSecret(text))
    throw invalid(field, 'must not contain a key, or most of one: it is stored and shown to others');
}

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
