import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import type { KeyFilter } from '../domain/keys/key-store.ts';
import { exceedsOwner, setsWith } from './key-query.ts';
import { contains } from './substring.ts';
import type { Tables } from './tables.ts';

type KeyExpression = ExpressionBuilder<Tables, 'api_keys'>;

/** What a key must fulfil to match the filter. `now` decides which keys are expired. */
export function conditions(expression: KeyExpression, filter: KeyFilter, now: number): Expression<SqlBool>[] {
  const all = statusConditions(expression, filter.status, now);
  if (filter.ownerId !== undefined) all.push(expression('api_keys.user_id', '=', filter.ownerId));
  if (filter.permission !== undefined) {
    all.push(expression('api_keys.permission_set_id', 'in', setsWith(expression, filter.permission)));
  }
  if (filter.exceedsOwner !== undefined) {
    const exceeds = exceedsOwner(expression);
    all.push(filter.exceedsOwner ? exceeds : expression.not(exceeds));
  }
  if (filter.expiresBefore !== undefined)
    all.push(expression('api_keys.expires_at', '<', filter.expiresBefore));
  if (filter.unusedSince !== undefined) {
    const lastSeen = expression.fn.coalesce('api_keys.last_used_at', 'api_keys.created_at');
    all.push(expression(lastSeen, '<', filter.unusedSince));
  }
  if (filter.search !== undefined) all.push(searchCondition(expression, filter.search));
  return all;
}

/** `conditions` for a status; without one, every key that is not revoked. */
export function statusConditions(
  expression: KeyExpression,
  status: KeyFilter['status'],
  now: number,
): Expression<SqlBool>[] {
  if (status === 'revoked') return [expression('api_keys.revoked_at', 'is not', null)];
  const alive = expression('api_keys.revoked_at', 'is', null);
  const on = expression('api_keys.is_active', '=', 1);
  switch (status) {
    case undefined:
      return [alive];
    case 'disabled':
      return [alive, expression('api_keys.is_active', '=', 0)];
    case 'expired':
      return [alive, on, expression('api_keys.expires_at', '<=', now)];
    case 'active': {
      const endless = expression('api_keys.expires_at', 'is', null);
      return [alive, on, expression.or([endless, expression('api_keys.expires_at', '>', now)])];
    }
  }
}

function searchCondition(expression: KeyExpression, search: string): Expression<SqlBool> {
  return expression.or([
    contains('api_keys.name_folded', search.normalize('NFC')),
    expression('api_keys.id', '=', search),
  ]);
}
