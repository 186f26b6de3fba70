import { AppError } from '../domain/shared/app-error.ts';

export const DEPTH_MAX = 16;
/** In one object; more than any body of this API has. */
export const MEMBERS_MAX = 256;
export const FORBIDDEN_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** An object's names so far, or null for an array. */
type Container = Set<string> | null;

/** Walks the tokens of a text that is known to be JSON. Throws JSON_INVALID with what is not acceptable in it. */
export function inspectJson(text: string): void {
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
  if (open.length > DEPTH_MAX) throw refuseJson(`it is nested more than ${DEPTH_MAX} levels deep`);
}

function addName(names: Container, name: string): void {
  if (!names) return;
  if (FORBIDDEN_NAMES.has(name)) throw refuseJson(`the name ${name} is not allowed`);
  if (names.has(name)) throw refuseJson('a name stands in an object twice');
  names.add(name);
  if (names.size > MEMBERS_MAX) throw refuseJson(`an object has more than ${MEMBERS_MAX} members`);
}

/** Text that was decoded from UTF-8 has half a pair only where an escape makes one. */
function readString(token: string): string {
  if (!token.includes('\\')) return token.slice(1, -1);
  const value = JSON.parse(token) as string;
  if (LONE_SURROGATE.test(value)) throw refuseJson('a string has half of a surrogate pair');
  return value;
}

function inspectScalar(token: string): void {
  const value: unknown = JSON.parse(token);
  if (typeof value === 'number' && !isExact(value)) throw refuseJson('a number is out of range');
}

/** Does a double hold the number, whatever it was written as? */
export function isExact(value: number): boolean {
  return Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER && !Object.is(value, -0);
}

export function refuseJson(reason: string): AppError {
  return new AppError('JSON_INVALID', { message: `The body is not acceptable JSON: ${reason}` });
}
