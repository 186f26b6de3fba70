/** Text without regard to case, alike in every engine. */
export function fold(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
