// Everything that can move the cursor, colour, hide or reorder text instead of being text: controls, line and paragraph
// separators, lone surrogates and bidirectional formatting.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** The text on one line, with `\u{…}` in place of each character that a terminal would obey instead of showing. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => `\\u{${codeOf(character)}}`);
}

/** The value as JSON on one line. Like `printable`, it holds nothing that a terminal obeys, and yet it reads back equal. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    UNPRINTABLE,
    (character) => `\\u${codeOf(character).padStart(4, '0')}`,
  );
}

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16);
}
