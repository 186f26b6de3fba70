import { AppError } from '../domain/shared/app-error.ts';

const DEPTH_MAX = 16;
/** In one object; more than any body of this API has. */
const MEMBERS_MAX = 256;
const FORBIDDEN_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;
const LONE_SURROGATE = /\p{Surrogate}/u;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads a JSON text (RFC 8259) in UTF-8, and refuses what readers of JSON disagree about: repeated names, names that
 * reach into prototypes, numbers that a double does not hold exactly, broken Unicode, a byte order mark, deep nesting.
 * Throws JSON_INVALID with the reason.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  const value = parse(text);
  inspect(text);
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw refuse('it is not UTF-8');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw refuse(text.trim() === '' ? 'it is empty' : 'it does not follow the JSON grammar');
  }
}

/** An object's names so far, or null for an array. */
type Container = Set<string> | null;

/** Walks the tokens of a text that is known to be JSON. */
function inspect(text: string): void {
  const open: Container[] = [];
  let string: string | null = null;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') enter(open, token === '{' ? new Set() : null);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') addName(open.at(-1) ?? null, string ?? '');
    else if (token.startsWith('"')) string = readString(token);
    else if (token !== ',') inspectScalar(token);
  }
}

function enter(open: Container[], container: Container): void {
  open.push(container);
  if (open.length > DEPTH_MAX) throw refuse(`it is nested more than ${DEPTH_MAX} levels deep`);
}

function addName(names: Container, name: string): void {
  if (!names) return;
  if (FORBIDDEN_NAMES.has(name)) throw refuse(`the name ${name} is not allowed`);
  if (names.has(name)) throw refuse('a name stands in an object twice');
  names.add(name);
  if (names.size > MEMBERS_MAX) throw refuse(`an object has more than ${MEMBERS_MAX} members`);
}

/** Text that was decoded from UTF-8 has half a pair only where an escape makes one. */
function readString(token: string): string {
  if (!token.includes('\\')) return token.slice(1, -1);
  const value = JSON.parse(token) as string;
  if (LONE_SURROGATE.test(value)) throw refuse('a string has half of a surrogate pair');
  return value;
}

function inspectScalar(token: string): void {
  const value: unknown = JSON.parse(token);
  if (typeof value !== 'number') return;
  const isExact =
    Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER && !Object.is(value, -0);
  if (!isExact) throw refuse('a number is out of range');
}

function refuse(reason: string): AppError {
  return new AppError('JSON_INVALID', { message: `The body is not acceptable JSON: ${reason}` });
}
