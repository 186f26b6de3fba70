import { AUDIT_EVENT_TYPES, type AuditEventType, KEY_STATUSES, type KeyStatus } from '@latchkey/contract';

/*
 * What screens read from the query of the URL. A link can have any text there, so what is not valid is ignored.
 */

/** Search parameters are plain texts: `?search=1234` is not a number. */
export const parseSearch = (text: string): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(text));

/** Leaves empty values out. */
export function stringifySearch(values: Readonly<Record<string, unknown>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined && value !== '') parameters.set(name, String(value));
  return parameters.size === 0 ? '' : `?${parameters}`;
}

/** The most days, and the most pages, that a filter can have. */
const NUMBER_MAX = 3_650;

const SORTS = ['name', 'lastUsedAt', 'expiresAt', 'createdAt'] as const;
export type KeySort = (typeof SORTS)[number];

/** The last used keys first, then those without a use. */
export const SORT_DEFAULT: KeySort = 'lastUsedAt';

/** The order in which a column is sorted at first. */
export const ORDER_DEFAULT = {
  name: 'asc',
  expiresAt: 'asc',
  lastUsedAt: 'desc',
  createdAt: 'desc',
} as const;

/** The filters, the order and the page of the list of keys, as they are in the URL. */
export interface KeysSearch {
  readonly search?: string;
  readonly status?: KeyStatus;
  readonly owner?: string;
  readonly permission?: string;
  /** Days in which the key expires. */
  readonly expires?: number;
  /** Days without use. */
  readonly unused?: number;
  readonly exceeds?: true;
  readonly sort?: KeySort;
  readonly order?: 'asc' | 'desc';
  /** The number of the page, from 2. */
  readonly page?: number;
}

export function keysSearch(given: Record<string, unknown>): KeysSearch {
  const text = (name: string) => (given[name] === undefined ? '' : String(given[name]).slice(0, 100));
  const found: Record<string, unknown> = {};
  for (const name of ['search', 'owner', 'permission']) if (text(name) !== '') found[name] = text(name);
  for (const name of ['expires', 'unused', 'page']) {
    const value = Number(text(name));
    if (Number.isInteger(value) && value > 0 && value <= NUMBER_MAX) found[name] = value;
  }
  if (KEY_STATUSES.some((status) => status === text('status'))) found.status = text('status');
  if (SORTS.some((sort) => sort === text('sort'))) found.sort = text('sort');
  if (/^(asc|desc)$/.test(text('order'))) found.order = text('order');
  if (text('exceeds') === 'true') found.exceeds = true;
  return found;
}

/** Does the URL name a filter? The order and the page are none. */
export function hasFilters({ sort, order, page, ...filters }: KeysSearch): boolean {
  return Object.keys(filters).length > 0;
}

/** The filters of the audit log, as they are in the URL. */
export interface AuditSearch {
  readonly event?: AuditEventType;
  readonly actor?: string;
  /** The id of what was changed. */
  readonly target?: string;
  /** The last days. */
  readonly days?: number;
  readonly search?: string;
}

export function auditSearch(given: Record<string, unknown>): AuditSearch {
  const found: Record<string, unknown> = {};
  for (const name of ['actor', 'target', 'search'])
    if (given[name]) found[name] = String(given[name]).slice(0, 100);
  if (AUDIT_EVENT_TYPES.some((type) => type === given.event)) found.event = given.event;
  const days = Number(given.days);
  if (Number.isInteger(days) && days > 0 && days <= NUMBER_MAX) found.days = days;
  return found;
}

/** Values with which a link fills the form of a new key. They never submit it. */
export interface CreateSearch {
  readonly name?: string;
  readonly owner?: string;
  /** Days, such as `90d`, or `never`. */
  readonly expires?: string;
  /** Separated by commas. */
  readonly permissions?: string;
  readonly preset?: 'read' | 'same';
}

const TEXT_MAX = 4_000;

export function createSearch(given: Record<string, unknown>): CreateSearch {
  const found: Record<string, string> = {};
  for (const name of ['name', 'owner', 'expires', 'permissions'])
    if (given[name] !== undefined) found[name] = String(given[name]).slice(0, TEXT_MAX);
  if (given.preset === 'read' || given.preset === 'same') found.preset = given.preset;
  return found;
}

/** The search for a leaked key opens the dialog with the reason already chosen. */
export interface RevokeSearch {
  readonly reason?: 'leaked';
}

export const revokeSearch = ({ reason }: Record<string, unknown>): RevokeSearch =>
  reason === 'leaked' ? { reason } : {};

export interface RotateSearch {
  /** `0`: the old secret ends at once. */
  readonly overlap?: '0';
}

export const rotateSearch = ({ overlap }: Record<string, unknown>): RotateSearch =>
  overlap === '0' ? { overlap } : {};

export interface SignInSearch {
  /** The path to go to after the sign-in. */
  readonly from?: string;
}

/** Accepts only a path of this page, never another origin. */
export function signInSearch(given: Record<string, unknown>): SignInSearch {
  const from = String(given.from ?? '');
  return /^\/(?![/\\])/.test(from) ? { from } : {};
}
