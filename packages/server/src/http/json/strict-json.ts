import { BODY_VALUES_MAX } from '@latchkey/contract';
import { AppError } from '../../domain/shared/app-error.ts';
import { reportWork } from '../load/call-work.ts';

/** The most members of one object: more than any body of this API has. */
export const MEMBERS_MAX = 256;
const FORBIDDEN_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const LONE_SURROGATE = /\p{Surrogate}/u;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses a JSON text (RFC 8259) in UTF-8. Denies input that JSON parsers read differently: repeated names, names such as
 * `__proto__`, numbers that a double cannot represent exactly, malformed Unicode, a byte order mark, deep nesting. Throws
 * JSON_INVALID with the reason, also if the text has more than `valuesMax` values. The cost is linear: at most about
 * 10 ns per byte and 200 ns per value.
 */
export function parseStrictJson(bytes: Uint8Array, valuesMax = BODY_VALUES_MAX): unknown {
  const measure = measureJson(bytes, valuesMax);
  reportWork({ bytes: bytes.length, values: measure.values });
  const value = parse(decode(bytes));
  // A repeated name takes the place of the first one in the value, which then has fewer strings than the text.
  if (stringsIn(value, measure) < measure.strings) throw denyJson('an object has the same name twice');
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw denyJson('it is not UTF-8');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw denyJson(text.trim() === '' ? 'it is empty' : 'it does not follow the JSON grammar');
  }
}

/** The number of strings in a value, names included. Throws JSON_INVALID for a denied name, number or string. */
function stringsIn(value: unknown, measure: JsonMeasure): number {
  if (typeof value === 'string') {
    requireWellFormed(value, measure);
    return 1;
  }
  if (typeof value === 'number' && !isExact(value)) throw denyJson('a number is out of range');
  if (typeof value !== 'object' || value === null) return 0;
  return Array.isArray(value) ? stringsInAll(value, measure) : stringsInObject(value, measure);
}

function stringsInObject(value: object, measure: JsonMeasure): number {
  const names = Object.keys(value);
  if (names.length > MEMBERS_MAX) throw denyJson(`an object has more than ${MEMBERS_MAX} members`);
  for (const name of names) {
    if (FORBIDDEN_NAMES.has(name)) throw denyJson(`the name ${name} is not allowed`);
    requireWellFormed(name, measure);
  }
  return names.length + stringsInAll(Object.values(value), measure);
}

function stringsInAll(values: readonly unknown[], measure: JsonMeasure): number {
  let strings = 0;
  for (const value of values) strings += stringsIn(value, measure);
  return strings;
}

/** Denies lone surrogates. In text that was decoded from UTF-8 only an escape can make one. */
function requireWellFormed(text: string, { hasEscapes }: JsonMeasure): void {
  if (hasEscapes && LONE_SURROGATE.test(text)) throw denyJson('a string has half of a surrogate pair');
}

/** Is the number represented exactly by a double, in any spelling? */
function isExact(value: number): boolean {
  return Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER && !Object.is(value, -0);
}

function denyJson(reason: string): AppError {
  return new AppError('JSON_INVALID', { message: `The body is not acceptable JSON: ${reason}` });
}

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
