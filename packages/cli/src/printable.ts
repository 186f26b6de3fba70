// Characters that can move the cursor, or colour, hide or reorder text on a terminal: controls, line and paragraph
// separators, lone surrogates and bidirectional formatting.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** The text on one line, with each control character escaped as `\u{…}`. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => `\\u{${codeOf(character)}}`);
}

/** The value as one line of JSON. Control characters are escaped as in `printable`, and it parses to an equal value. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    UNPRINTABLE,
    (character) => `\\u${codeOf(character).padStart(4, '0')}`,
  );
}

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16);
}
