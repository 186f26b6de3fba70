import type { Permission, SystemRoleName } from '@latchkey/contract';
import type { AliasableExpression, Kysely } from 'kysely';
import type {
  OrphanedPermission,
  PermissionStore,
  RenewedRoles,
} from '../../domain/tenancy/permission-store.ts';
import type { Tables } from '../tables.ts';
import type { PermissionSets } from './permission-sets.ts';
import { namesIn, permissionOf, type StoredSet } from './set-codec.ts';

export class SqlPermissionStore implements PermissionStore {
  readonly #db: Kysely<Tables>;
  readonly #sets: PermissionSets;

  constructor(db: Kysely<Tables>, sets: PermissionSets) {
    this.#db = db;
    this.#sets = sets;
  }

  async lost(): Promise<OrphanedPermission[]> {
    const names = (await this.#livingNames()).filter((name) => !this.#sets.isInCatalogue(name));
    if (names.length === 0) return [];
    const keys = await this.#carriers(names, keysBySet(this.#db));
    const roles = await this.#carriers(names, rolesBySet(this.#db));
    return names.map((name) => ({
      permission: permissionOf(name),
      keys: keys.get(name) ?? 0,
      roles: roles.get(name) ?? 0,
    }));
  }

  async retire(permissions: readonly Permission[], now: number): Promise<void> {
    const rows = permissions.map((one) => ({ name: this.#sets.storedName(one), retired_at: now }));
    if (rows.length > 0) await this.#db.insertInto('retired_permissions').values(rows).execute();
  }

  async renewSystemRoles(now: number): Promise<RenewedRoles[]> {
    const renewed = new Map<string, RenewedRoles>();
    for (const [name, { permissions }] of Object.entries(this.#sets.catalogue.systemRoles)) {
      const wanted = this.#sets.toStored(permissions);
      for (const set of await this.#setsOf(name as SystemRoleName)) {
        const difference = compare(set, wanted);
        if (difference.added.length + difference.removed.length === 0) continue;
        await this.#sets.intern(this.#db, permissions);
        const workspaceIds = await this.#replaceSet(name as SystemRoleName, set.id, wanted.id, now);
        // Owner comes first; it has all permissions, so that its difference contains those of the other roles.
        for (const workspaceId of workspaceIds)
          if (!renewed.has(workspaceId)) renewed.set(workspaceId, { workspaceId, ...difference });
      }
    }
    return [...renewed.values()];
  }

  /** The stored names that appear in any set and are not retired, sorted. */
  async #livingNames(): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('permission_set_entries')
      .select('permission')
      .distinct()
      .where('permission', 'not in', (expression) =>
        expression.selectFrom('retired_permissions').select('retired_permissions.name'),
      )
      .orderBy('permission')
      .execute();
    return rows.map(({ permission }) => permission);
  }

  /** The number of carriers of each name. Adds up the counts by set, since there are few sets. */
  async #carriers(
    names: readonly string[],
    bySet: AliasableExpression<{ set_id: string; carriers: number }>,
  ): Promise<Map<string, number>> {
    const rows = await this.#db
      .selectFrom('permission_set_entries')
      .innerJoin(bySet.as('counted'), 'counted.set_id', 'permission_set_entries.set_id')
      .select(({ fn }) => ['permission', fn.sum<number>('counted.carriers').as('carriers')])
      .where('permission', 'in', names)
      .groupBy('permission')
      .execute();
    return new Map(rows.map(({ permission, carriers }) => [permission, Number(carriers)]));
  }

  /** The different sets that the system role has in all workspaces. */
  #setsOf(name: SystemRoleName): Promise<StoredSet[]> {
    return this.#db
      .selectFrom('permission_sets')
      .select(['id', 'permissions as text'])
      .where('id', 'in', (expression) =>
        expression.selectFrom('roles').select('roles.permission_set_id').where('system_name', '=', name),
      )
      .execute();
  }

  /** Returns the ids of the workspaces whose role was changed. */
  async #replaceSet(name: SystemRoleName, from: string, to: string, now: number): Promise<string[]> {
    const rows = await this.#db
      .updateTable('roles')
      .set({ permission_set_id: to, updated_at: now })
      .where('system_name', '=', name)
      .where('permission_set_id', '=', from)
      .returning('workspace_id')
      .execute();
    return rows.map(({ workspace_id }) => workspace_id);
  }
}

function keysBySet(db: Kysely<Tables>) {
  return db
    .selectFrom('api_keys')
    .select(({ fn }) => ['permission_set_id as set_id', fn.countAll<number>().as('carriers')])
    .where('revoked_at', 'is', null)
    .groupBy('permission_set_id');
}

function rolesBySet(db: Kysely<Tables>) {
  return db
    .selectFrom('roles')
    .select(({ fn }) => ['permission_set_id as set_id', fn.countAll<number>().as('carriers')])
    .where('system_name', 'is', null)
    .groupBy('permission_set_id');
}

function compare(before: StoredSet, after: StoredSet): Pick<RenewedRoles, 'added' | 'removed'> {
  const [old, wanted] = [new Set(namesIn(before.text)), new Set(namesIn(after.text))];
  return {
    added: [...wanted].filter((name) => !old.has(name)).map(permissionOf),
    removed: [...old].filter((name) => !wanted.has(name)).map(permissionOf),
  };
}
