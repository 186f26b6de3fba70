import { denyJson } from './deny-json.ts';

export const DEPTH_MAX = 16;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** What the bytes of a JSON text show before anything is built from them. */
export interface JsonMeasure {
  /** Texts, names of members included. */
  readonly strings: number;
  readonly values: number;
  readonly hasEscapes: boolean;
}

/**
 * Passes over the bytes of a text once, and stops where it is nested too deeply or has more values than allowed: throws
 * JSON_INVALID. So neither the parser nor the schema is given more than that, however long the text is. Values are counted
 * by brackets and commas, so an empty list or object counts as two. Whether the text is JSON is not checked.
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
