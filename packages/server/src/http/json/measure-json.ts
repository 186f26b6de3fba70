import { denyJson } from '../deny-json.ts';

export const DEPTH_MAX = 16;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Counts from a JSON text that are known before it is parsed. */
export interface JsonMeasure {
  /** The number of strings, member names included. */
  readonly strings: number;
  readonly values: number;
  readonly hasEscapes: boolean;
}

/**
 * Scans a JSON text once. Throws JSON_INVALID if it is nested too deeply or has too many values, so that the parser and the
 * schema never get more than that. Values are counted by brackets and commas, so an empty list or object counts as
 * two. The text is not checked for valid JSON.
 */
export function measureJson(bytes: Uint8Array, valuesMax: number): JsonMeasure {
  let values = 1;
  let depth = 0;
  let strings = 0;
  let hasEscapes = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      strings++;
      for (at++; at < bytes.length && bytes[at] !== QUOTE; at++) {
        if (bytes[at] !== BACKSLASH) continue;
        hasEscapes = true;
        at++;
      }
    } else if (byte === COMMA) {
      if (++values > valuesMax) throw tooManyValues(valuesMax);
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      if (++depth > DEPTH_MAX) throw denyJson(`it is nested more than ${DEPTH_MAX} levels deep`);
      if (++values > valuesMax) throw tooManyValues(valuesMax);
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) depth--;
  }
  return { strings, values, hasEscapes };
}

function tooManyValues(valuesMax: number): Error {
  return denyJson(`it has more than ${valuesMax} values`);
}
