import { createHash } from 'node:crypto';
import { invalid } from './app-error.ts';
import type { Position } from './page.ts';
import { canonicalJson } from './text/canonical-json.ts';

/** A list in one order. Cursors of one list are not accepted by another. */
export interface ListOrder {
  /** Which list: its name, its workspace, the filters and the order that was asked for. Undefined fields do not count. */
  readonly list: Readonly<Record<string, unknown>> & { readonly name: string };
  /** What the list is sorted by. */
  readonly sortedBy: 'text' | 'number' | 'number or null';
}

const FINGERPRINT_LENGTH = 16;
const ID = /^[\x21-\x7e]{1,64}$/;

/**
 * The text of a cursor: base64url of the JSON array of a fingerprint of the list, the value and the id. It contains nothing
 * that the page did not show. It is not signed: a made-up position selects nothing that the caller could not read
 * otherwise, since the workspace and the filters are those of the call.
 */
export function writeCursor(order: ListOrder, { value, id }: Position): string {
  return Buffer.from(JSON.stringify([fingerprintOf(order), value, id])).toString('base64url');
}

/** The inverse of `writeCursor`. VALIDATION_FAILED for any other text, and for a cursor of another list, filter or order. */
export function readCursor(order: ListOrder, cursor: string): Position {
  const [fingerprint, value, id, ...rest] = partsOf(cursor);
  const isWhole =
    typeof fingerprint === 'string' && typeof id === 'string' && ID.test(id) && rest.length === 0;
  if (!isWhole) throw notACursor();
  if (fingerprint !== fingerprintOf(order))
    throw invalid('cursor', 'is of another list, filter or order; leave it out to begin with the first page');
  if (!isSortValue(value, order)) throw notACursor();
  return { value, id };
}

function partsOf(cursor: string): readonly unknown[] {
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.toString('base64url') !== cursor) throw notACursor();
  try {
    const parts: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return Array.isArray(parts) ? parts : [];
  } catch {
    throw notACursor();
  }
}

function isSortValue(value: unknown, { sortedBy }: ListOrder): value is Position['value'] {
  if (sortedBy === 'text') return typeof value === 'string';
  return Number.isSafeInteger(value) || (value === null && sortedBy === 'number or null');
}

function fingerprintOf({ list }: ListOrder): string {
  return createHash('sha256').update(canonicalJson(list)).digest('base64url').slice(0, FINGERPRINT_LENGTH);
}

function notACursor() {
  return invalid('cursor', 'is not a cursor of this API; use a nextCursor as you were given it');
}
