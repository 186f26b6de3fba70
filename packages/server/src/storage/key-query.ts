import type { Expression, ExpressionBuilder, Kysely, SqlBool } from 'kysely';
import type { Tables } from './tables.ts';

/** Keys with what `fromKeyRow` wants to know of them. */
export function ownedKeys(db: Kysely<Tables>) {
  return db
    .selectFrom('api_keys')
    .innerJoin('users', 'users.id', 'api_keys.user_id')
    .innerJoin('permission_sets', 'permission_sets.id', 'api_keys.permission_set_id')
    .selectAll('api_keys')
    .select([
      'permission_sets.permissions',
      'users.email as owner_email',
      'users.display_name as owner_display_name',
    ]);
}

type KeyExpression = ExpressionBuilder<Tables, 'api_keys'>;

/** The ids of the sets that hold the permission of this stored name. */
export function setsWith(expression: KeyExpression, storedName: string) {
  return expression
    .selectFrom('permission_set_entries')
    .select('permission_set_entries.set_id')
    .where('permission_set_entries.permission', '=', storedName);
}

/** Has the key's set a living entry that the set of its owner's role has not? Without a role, each is one. */
export function exceedsOwner(expression: KeyExpression): Expression<SqlBool> {
  const given = expression
    .selectFrom('members')
    .innerJoin('roles', 'roles.id', 'members.role_id')
    .innerJoin('permission_set_entries as given', 'given.set_id', 'roles.permission_set_id')
    .select('given.permission')
    .whereRef('members.workspace_id', '=', 'api_keys.workspace_id')
    .whereRef('members.user_id', '=', 'api_keys.user_id');
  const retired = expression.selectFrom('retired_permissions').select('retired_permissions.name');
  return expression.exists(
    expression
      .selectFrom('permission_set_entries as held')
      .select('held.permission')
      .whereRef('held.set_id', '=', 'api_keys.permission_set_id')
      .where('held.permission', 'not in', given)
      .where('held.permission', 'not in', retired),
  );
}
