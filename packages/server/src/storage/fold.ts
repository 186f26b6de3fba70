/** The text for comparisons that ignore case: NFC, in lower case. Done here, so that every engine gives the same result. */
export function fold(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
