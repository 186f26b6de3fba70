import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { KeyFilter } from '../../domain/keys/key-store.ts';
import { searchKey } from '../../domain/shared/text/search-key.ts';
import type { PermissionSets } from '../permission-sets/permission-sets.ts';
import { containsText } from '../statements/text-search.ts';
import type { Tables } from '../tables.ts';
import { fitsOwner, setsWith } from './key-permissions.ts';

/** The last part of a hint: characters of the key. */
const LAST_FOUR = /^[0-9A-Za-z]{4}$/;

type KeyExpression = ExpressionBuilder<Tables, 'api_keys'>;

/** A request for keys. `now` decides which keys are expired; `sets` gives the stored names of permissions. */
export interface Listing {
  readonly workspaceId: string;
  readonly filter: KeyFilter;
  readonly now: number;
  readonly sets: PermissionSets;
}

/** Revoked or not revoked: each index of keys contains only one of the two. */
export function lifeCondition(expression: KeyExpression, { status }: KeyFilter): Expression<SqlBool> {
  return expression('api_keys.revoked_at', status === 'revoked' ? 'is not' : 'is', null);
}

/** The other conditions of the filter. */
export function conditions(
  expression: KeyExpression,
  { workspaceId, filter, now, sets }: Listing,
): Expression<SqlBool>[] {
  const all = statusConditions(expression, filter.status, now);
  if (filter.ownerId !== undefined) all.push(expression('api_keys.user_id', '=', filter.ownerId));
  if (filter.createdByKeyId !== undefined)
    all.push(expression('api_keys.created_by_key_id', '=', filter.createdByKeyId));
  if (filter.permission !== undefined) {
    const storedName = sets.storedName(filter.permission);
    all.push(expression('api_keys.permission_set_id', 'in', setsWith(expression, storedName)));
  }
  if (filter.exceedsOwner !== undefined)
    all.push(fitsOwner(expression, workspaceId, filter.exceedsOwner ? 'exceeding' : 'within'));
  if (filter.expiresBefore !== undefined)
    all.push(expression('api_keys.expires_at', '<', filter.expiresBefore));
  if (filter.unusedSince !== undefined) {
    const lastSeen = expression.fn.coalesce('api_keys.last_used_at', 'api_keys.created_at');
    all.push(expression(lastSeen, '<', filter.unusedSince));
  }
  if (filter.search !== undefined) all.push(searchCondition(expression, filter.search));
  return all;
}

/** The conditions of a status, in addition to `lifeCondition`. */
export function statusConditions(
  expression: KeyExpression,
  status: KeyFilter['status'],
  now: number,
): Expression<SqlBool>[] {
  const on = expression('api_keys.is_active', '=', 1);
  switch (status) {
    case undefined:
    case 'revoked':
      return [];
    case 'disabled':
      return [expression('api_keys.is_active', '=', 0)];
    case 'expired':
      return [on, expression('api_keys.expires_at', '<=', now)];
    case 'active': {
      const endless = expression('api_keys.expires_at', 'is', null);
      return [on, expression.or([endless, expression('api_keys.expires_at', '>', now)])];
    }
  }
}

/** Matches part of the name, the whole id, a hint as in lists, or the last four characters of a secret, present or old. */
function searchCondition(expression: KeyExpression, search: string): Expression<SqlBool> {
  const byName = containsText('api_keys.name_folded', searchKey(search));
  const all = [byName, expression('api_keys.id', '=', search)];
  // No index has the hint, so that its condition, which reads rows, is added only if the text can be a hint.
  for (const hint of ['api_keys.hint', 'api_keys.old_hint'] as const) {
    if (search.includes('…')) all.push(expression(hint, '=', search));
    if (LAST_FOUR.test(search))
      all.push(sql<SqlBool>`substr(${sql.ref(hint)}, length(${sql.ref(hint)}) - 3) = ${search}`);
  }
  return expression.or(all);
}
