/** The permission sets of keys, and of the roles of their owners. */
import {
  type Expression,
  type ExpressionBuilder,
  expressionBuilder,
  type Kysely,
  type SqlBool,
  sql,
} from 'kysely';
import type { PermissionSetTable, Tables } from '../tables.ts';
import { isOwner } from './key-rows.ts';

type KeyExpression = ExpressionBuilder<Tables, 'api_keys'>;

/** The ids of the sets that hold the permission of this stored name. */
export function setsWith(expression: KeyExpression, storedName: string) {
  return expression
    .selectFrom('permission_set_entries')
    .select('permission_set_entries.set_id')
    .where('permission_set_entries.permission', '=', storedName);
}

/** `exceeding`: a key's set has permissions that the role's set does not have; `within`: it has none. */
type Fit = 'exceeding' | 'within';

/**
 * The pairs of a role's set and a key's set in the workspace for which `fit` is true. There are few of them, so that it is
 * cheaper to compute them once than to compare both sets for each key.
 */
function setPairs(expression: KeyExpression, workspaceId: string, fit: Fit) {
  const given = expression
    .selectFrom('roles')
    .select('roles.permission_set_id as set_id')
    .distinct()
    .where('roles.workspace_id', '=', workspaceId);
  return (
    expression
      .selectFrom([given.as('given'), 'permission_sets as held'])
      .select(['given.set_id as role_set', 'held.id as key_set'])
      // The rows are distinct already; this makes the database compute them once and not for each member.
      .distinct()
      .where((each) => each.exists(keysWith(each, workspaceId)))
      .where((each) => {
        const exceeds = each.exists(entriesBeyond('held.id', 'given.set_id'));
        return fit === 'exceeding' ? exceeds : each.not(exceeds);
      })
  );
}

/** The keys for which `fit` is true of their set and their owner's role. Keys whose owner has left match neither. */
export function fitsOwner(expression: KeyExpression, workspaceId: string, fit: Fit): Expression<SqlBool> {
  const owners = expression
    .selectFrom('members')
    .innerJoin('roles', 'roles.id', 'members.role_id')
    .innerJoin(
      setPairs(expression, workspaceId, fit).as('pairs'),
      'pairs.role_set',
      'roles.permission_set_id',
    )
    .where('members.workspace_id', '=', workspaceId)
    .select(['members.user_id', 'pairs.key_set']);
  const key = expression.refTuple('api_keys.user_id', 'api_keys.permission_set_id');
  return expression(key, 'in', owners.$asTuple('user_id', 'key_set'));
}

type PairExpression = ExpressionBuilder<
  Tables & { given: { set_id: string }; held: PermissionSetTable },
  'given' | 'held'
>;

function keysWith(expression: PairExpression, workspaceId: string) {
  return expression
    .selectFrom('api_keys as some')
    .select('some.id')
    .where('some.workspace_id', '=', workspaceId)
    .whereRef('some.permission_set_id', '=', 'held.id');
}

/** The entries of the set `held` that are not in `omitUndefined` and not retired. Both name columns of the outer query. */
export function entriesBeyond(held: string, given: string) {
  const { selectFrom } = expressionBuilder<Tables, never>();
  return selectFrom('permission_set_entries as entry')
    .select('entry.permission')
    .where('entry.set_id', '=', sql.ref<string>(held))
    .where('entry.permission', 'not in', (each) =>
      each.selectFrom('retired_permissions').select('retired_permissions.name'),
    )
    .where((each) =>
      each.not(
        each.exists(
          each
            .selectFrom('permission_set_entries as same')
            .select('same.permission')
            .where('same.set_id', '=', sql.ref<string>(given))
            .whereRef('same.permission', '=', 'entry.permission'),
        ),
      ),
    );
}

/** The stored sets of the owner of a key: when the key was made, and now (null: not a member). Undefined on a miss. */
export function ownerSets(
  db: Kysely<Tables>,
  workspaceId: string,
  keyId: string,
): Promise<{ held: string; holds_now: string | null } | undefined> {
  return db
    .selectFrom('api_keys')
    .innerJoin('permission_sets as held', 'held.id', 'api_keys.owner_held')
    .leftJoin('members', isOwner)
    .leftJoin('roles', 'roles.id', 'members.role_id')
    .leftJoin('permission_sets as now', 'now.id', 'roles.permission_set_id')
    .select(['held.permissions as held', 'now.permissions as holds_now'])
    .where('api_keys.workspace_id', '=', workspaceId)
    .where('api_keys.id', '=', keyId)
    .executeTakeFirst();
}
