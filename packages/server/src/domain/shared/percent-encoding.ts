/**
 * The text with its percent-encoded characters decoded; null if one of them is incomplete or no UTF-8. Compare the result even
 * where only its validity matters: the bundler drops a call of decodeURIComponent whose result is unused.
 */
export function percentDecoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
