import { inspectJson, refuseJson } from './inspect-json.ts';
import { isOrdinaryJson } from './ordinary-json.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads a JSON text (RFC 8259) in UTF-8, and refuses what readers of JSON disagree about: repeated names, names that
 * reach into prototypes, numbers that a double does not hold exactly, broken Unicode, a byte order mark, deep nesting.
 * Throws JSON_INVALID with the reason.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  const value = parse(text);
  if (!isOrdinaryJson(text, value)) inspectJson(text);
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw refuseJson('it is not UTF-8');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw refuseJson(text.trim() === '' ? 'it is empty' : 'it does not follow the JSON grammar');
  }
}
