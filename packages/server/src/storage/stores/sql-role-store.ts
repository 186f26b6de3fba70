import { SYSTEM_ROLE_NAMES } from '@latchkey/contract';
import type { Kysely } from 'kysely';
import type { NoteInvalidation } from '../../domain/shared/change-feed.ts';
import {
  type CountedRole,
  compareRoles,
  type Role,
  type RoleStore,
  rolePosition,
} from '../../domain/tenancy/role.ts';
import type { PermissionSets } from '../permission-sets/permission-sets.ts';
import { foldText } from '../statements/text-search.ts';
import type { RoleRow, Tables } from '../tables.ts';

export class SqlRoleStore implements RoleStore {
  readonly #db: Kysely<Tables>;
  readonly #sets: PermissionSets;
  readonly #note: NoteInvalidation;

  constructor(db: Kysely<Tables>, sets: PermissionSets, note: NoteInvalidation) {
    this.#db = db;
    this.#sets = sets;
    this.#note = note;
  }

  async insert(role: Role): Promise<void> {
    await this.#db
      .insertInto('roles')
      .values({
        id: role.id,
        workspace_id: role.workspaceId,
        name: role.name,
        name_folded: foldText(role.name),
        description: role.description,
        permission_set_id: await this.#sets.intern(this.#db, role.permissions),
        system_name: role.systemName,
        created_at: role.createdAt,
        updated_at: role.updatedAt,
      })
      .execute();
  }

  async find(workspaceId: string, roleId: string): Promise<CountedRole | null> {
    const row = await this.#counted(workspaceId).where('roles.id', '=', roleId).executeTakeFirst();
    return row ? fromRoleRow(row, this.#sets) : null;
  }

  async findByName(workspaceId: string, name: string): Promise<CountedRole | null> {
    const row = await this.#counted(workspaceId)
      .where('roles.name_folded', '=', foldText(name))
      .executeTakeFirst();
    return row ? fromRoleRow(row, this.#sets) : null;
  }

  async list(workspaceId: string): Promise<CountedRole[]> {
    const rows = await this.#counted(workspaceId).execute();
    return rows
      .map((row) => fromRoleRow(row, this.#sets))
      .sort((a, b) => compareRoles(rolePosition(a), rolePosition(b)));
  }

  async count(workspaceId: string): Promise<number> {
    const { count } = await this.#db
      .selectFrom('roles')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('workspace_id', '=', workspaceId)
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  async update(role: Role): Promise<void> {
    const { name, description, updatedAt: updated_at } = role;
    const permission_set_id = await this.#sets.intern(this.#db, role.permissions);
    await this.#db
      .updateTable('roles')
      .set({ name, name_folded: foldText(name), description, permission_set_id, updated_at })
      .where('workspace_id', '=', role.workspaceId)
      .where('id', '=', role.id)
      .execute();
    this.#note({ kind: 'workspace', workspaceId: role.workspaceId });
  }

  async remove(workspaceId: string, roleId: string): Promise<void> {
    await this.#db
      .deleteFrom('roles')
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', roleId)
      .execute();
  }

  #counted(workspaceId: string) {
    return this.#db
      .selectFrom('roles')
      .innerJoin('permission_sets', 'permission_sets.id', 'roles.permission_set_id')
      .selectAll('roles')
      .select('permission_sets.permissions')
      .select((expression) =>
        expression
          .selectFrom('members')
          .select(({ fn }) => fn.countAll<number>().as('members'))
          .whereRef('members.role_id', '=', 'roles.id')
          .as('member_count'),
      )
      .where('roles.workspace_id', '=', workspaceId);
  }
}

function fromRoleRow(
  row: RoleRow & { permissions: string; member_count: number | null },
  sets: PermissionSets,
): CountedRole {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    name: row.name,
    description: row.description,
    permissions: sets.parse(row.permissions),
    systemName: SYSTEM_ROLE_NAMES.find((name) => name === row.system_name) ?? null,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    memberCount: Number(row.member_count),
  };
}
