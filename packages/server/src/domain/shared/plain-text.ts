import { containsMostOfSecret } from '@latchkey/contract';
import { invalid } from './app-error.ts';

// Controls, line and paragraph separators, lone surrogates, noncharacters, and the bidirectional formatting characters
// that can make text read as another text (Unicode Technical Report 36).
const FORBIDDEN =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

/** UTF-16 units that NFC can put together into one code point. */
const UNITS_A_CODE_POINT_MAX = 4;
// A character that shows: no blank, no mark without its letter, nothing that is there for the layout only.
const VISIBLE = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cf}\p{M}\u2800]/u;

/**
 * Reads a line of text for people: NFC, trimmed, 1 to `codePointsMax` code points. Throws VALIDATION_FAILED for `field`
 * where nothing visible is left, too much is left, or a forbidden character stands in it, or a key, which somebody has put into the wrong
 * field: no secret is ever stored, nor so much of one that the rest can be guessed.
 */
export function parsePlainText(text: string, field: string, codePointsMax: number): string {
  const trimmed = text.trim();
  // Before it is normalised: that takes the square of the length where combining marks are in no order.
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

/** Throws VALIDATION_FAILED for `field` where the text has a secret of ours in it, or most of one. */
export function requireNoSecret(text: string, field: string): void {
  if (containsMostOfSecret(text))
    throw invalid(field, 'must not contain a key, or most of one: it is stored and shown to others');
}
