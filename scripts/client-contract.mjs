/**
 * The contract as plain data, for the client: its endpoints and constants without the library that describes schemas, and
 * of each schema only what the client checks. It is a third of the size.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './run.mjs';

/** The keywords of a schema that `hasShape` reads. */
const KEYWORDS = ['type', 'const', 'required', 'properties', 'items'];
/** The fields of an endpoint that the client reads. */
const FIELDS = ['id', 'method', 'path', 'access', 'verifyKeys', 'idempotent', 'streamed', 'result'];
/** Code of this length is worth a constant of its own if it is used twice. */
const SHARED_LENGTH = 80;

/** @returns {Promise<string>} a module with the constants of the contract. It has functions only of the modules without schemas. */
export async function contractModule() {
  const contract = await import(pathToFileURL(path.join(root, 'packages/contract/dist/index.js')).href);
  const shared = new Map();
  const exported = Object.entries(contract)
    .filter(([, value]) => typeof value !== 'function')
    .map(
      ([name, value]) =>
        `export const ${name} = ${codeOf(isEndpoint(value) ? endpoint(value) : slim(value), shared)};`,
    );
  const constants = [...shared].map(([code, name]) => `const ${name} = ${code};`);
  const functions = `export * from ${JSON.stringify(path.join(root, 'packages/contract/src/endpoints/access.ts'))};`;
  return [functions, ...constants, ...exported].join('\n');
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isEndpoint(value) {
  return isObject(value) && typeof value.method === 'string' && 'result' in value;
}

/** @param {Record<string, unknown>} value */
function endpoint(value) {
  const { because: _, ...access } = /** @type {Record<string, unknown>} */ (value.access);
  const given = Object.fromEntries(FIELDS.filter((name) => name in value).map((name) => [name, value[name]]));
  return { ...given, access, result: slim(value.result) };
}

/** @param {unknown} value @returns {unknown} a schema with the keywords that count; anything else unchanged */
function slim(value) {
  if (!isObject(value) || !('type' in value || 'const' in value)) return value;
  const entries = KEYWORDS.filter((name) => value[name] !== undefined).map((name) => [
    name,
    slimKeyword(name, value[name]),
  ]);
  return Object.fromEntries(entries);
}

/** @param {string} name @param {unknown} value */
function slimKeyword(name, value) {
  if (name === 'items') return slim(value);
  if (name !== 'properties' || !isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([property, schema]) => [property, slim(schema)]));
}

/** @param {unknown} value @param {Map<string, string>} shared names of constants by their code @returns {string} */
function codeOf(value, shared) {
  if (!isObject(value)) return JSON.stringify(value);
  const fields = Object.entries(value).map(
    ([name, field]) => `${JSON.stringify(name)}: ${codeOf(field, shared)}`,
  );
  const code = `{ ${fields.join(', ')} }`;
  if (code.length < SHARED_LENGTH) return code;
  const name = shared.get(code) ?? `shared${shared.size}`;
  shared.set(code, name);
  return name;
}
