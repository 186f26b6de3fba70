import {
  type Catalogue,
  catalogueOf,
  DEMANDED_PERMISSIONS,
  describePermission,
  isPermissionName,
  PERMISSION_LENGTH_MAX,
  PERMISSIONS_MAX,
  type PermissionInfo,
} from '@latchkey/contract';
import { AppError } from '../domain/shared/app-error.ts';
import { OperatorError } from '../domain/shared/operator-error.ts';
import { parsePlainText } from '../domain/shared/text/plain-text.ts';
import { echo, isObject, readJsonFile, Unusable } from './json-file.ts';

const TITLE_CODE_POINTS_MAX = 100;
const FIELDS: readonly string[] = ['id', 'resource', 'action', 'title'] satisfies (keyof PermissionInfo)[];

/**
 * Reads the catalogue from a JSON file: a list of permissions, or an object with that list as `permissions`, like the answer
 * of GET /permissions. An entry is a name, or an object with `id` and optionally `title`. Throws OperatorError, which
 * names the entry, counted from 1, and what to change.
 */
export function readPermissionsFile(path: string): Catalogue {
  try {
    const catalogue = catalogueOf(
      withoutRepetition(listIn(readJsonFile('LATCHKEY_PERMISSIONS_FILE', path)).map(parseEntry)),
    );
    requireDemanded(catalogue);
    return catalogue;
  } catch (error) {
    if (error instanceof Unusable)
      throw new OperatorError(`the permissions file ${path} cannot be used: ${error.message}`);
    throw error;
  }
}

function listIn(content: unknown): unknown[] {
  const list = isObject(content) ? content.permissions : content;
  if (!Array.isArray(list)) throw new Unusable('it must hold a list, such as ["calls:read", "calls:write"]');
  if (list.length > PERMISSIONS_MAX)
    throw new Unusable(`it has ${list.length} entries; ${PERMISSIONS_MAX} is the most`);
  return list;
}

function parseEntry(entry: unknown, index: number): PermissionInfo {
  const place = `entry ${index + 1}`;
  if (typeof entry === 'string') return describePermission(nameIn(entry, place));
  if (!isObject(entry)) throw new Unusable(`${place} must be a name or an object with an id`);
  const stray = Object.keys(entry).find((field) => !FIELDS.includes(field));
  if (stray !== undefined)
    throw new Unusable(`${place} has the field ${echo(stray)}; only ${FIELDS.join(', ')} are known`);
  const { id, title, ...parts } = entry;
  const described = describePermission(nameIn(id, place));
  for (const [part, given] of Object.entries(parts))
    if (given !== described[part as 'resource' | 'action'])
      throw new Unusable(`${place} has another ${part} than its id ${described.id}; leave it out`);
  return title === undefined ? described : { ...described, title: titleIn(title, place) };
}

function nameIn(name: unknown, place: string): string {
  if (typeof name === 'string' && isPermissionName(name)) return name;
  const form = `must be resource:action, such as calls:read: lower-case words joined by -, at most ${PERMISSION_LENGTH_MAX} characters`;
  throw new Unusable(`${place}, ${echo(JSON.stringify(name) ?? 'without an id')}, ${form}`);
}

function titleIn(title: unknown, place: string): string {
  if (typeof title !== 'string') throw new Unusable(`${place}: title must be a text`);
  try {
    return parsePlainText(title, 'title', TITLE_CODE_POINTS_MAX);
  } catch (error) {
    throw error instanceof AppError ? new Unusable(`${place}: ${error.message}`) : error;
  }
}

function withoutRepetition(entries: readonly PermissionInfo[]): readonly PermissionInfo[] {
  const seen = new Map<string, number>();
  for (const [index, { id }] of entries.entries()) {
    const first = seen.get(id);
    if (first !== undefined) throw new Unusable(`entry ${index + 1} repeats ${id} of entry ${first + 1}`);
    seen.set(id, index);
  }
  return entries;
}

function requireDemanded(catalogue: Catalogue): void {
  const missing = DEMANDED_PERMISSIONS.filter((permission) => !catalogue.has(permission));
  if (missing.length > 0)
    throw new Unusable(`it lacks what Latchkey itself asks for; add ${missing.join(', ')}`);
}
