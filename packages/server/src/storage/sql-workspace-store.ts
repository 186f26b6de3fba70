import { BUILT_IN_ROLE_NAMES, BUILT_IN_ROLES } from '@latchkey/contract';
import type { Kysely } from 'kysely';
import type { Member, Person, Workspace } from '../domain/workspaces/workspace.ts';
import type { WorkspaceStore } from '../domain/workspaces/workspace-store.ts';
import type { Tables } from './tables.ts';

export class SqlWorkspaceStore implements WorkspaceStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async insertWorkspace(workspace: Workspace): Promise<void> {
    await this.#db
      .insertInto('workspaces')
      .values({
        id: workspace.id,
        name: workspace.name,
        key_prefix: workspace.keyPrefix,
        key_environment: workspace.keyEnvironment,
        created_at: workspace.createdAt,
      })
      .execute();
  }

  async insertMember(
    workspaceId: string,
    person: Person,
    roleName: Member['roleName'],
    createdAt: number,
  ): Promise<void> {
    const { id, email, displayName } = person;
    await this.#db
      .insertInto('users')
      .values({ id, email, display_name: displayName, created_at: createdAt })
      .execute();
    await this.#db
      .insertInto('members')
      .values({ workspace_id: workspaceId, user_id: id, role_name: roleName, created_at: createdAt })
      .execute();
  }

  async findWorkspace(workspaceId: string): Promise<Workspace | null> {
    const row = await this.#db
      .selectFrom('workspaces')
      .selectAll()
      .where('id', '=', workspaceId)
      .executeTakeFirst();
    if (!row) return null;
    return {
      id: row.id,
      name: row.name,
      keyPrefix: row.key_prefix,
      keyEnvironment: row.key_environment,
      createdAt: row.created_at,
    };
  }

  async findMember(workspaceId: string, userId: string): Promise<Member | null> {
    const row = await this.#db
      .selectFrom('members')
      .innerJoin('users', 'users.id', 'members.user_id')
      .select(['users.id', 'users.email', 'users.display_name', 'members.role_name'])
      .where('members.workspace_id', '=', workspaceId)
      .where('members.user_id', '=', userId)
      .executeTakeFirst();
    const roleName = BUILT_IN_ROLE_NAMES.find((name) => name === row?.role_name);
    if (!row || !roleName) return null;
    const permissions = new Set(BUILT_IN_ROLES[roleName]);
    return { id: row.id, email: row.email, displayName: row.display_name, roleName, permissions };
  }

  async isFounded(): Promise<boolean> {
    const row = await this.#db.selectFrom('workspaces').select('id').limit(1).executeTakeFirst();
    return row !== undefined;
  }
}
