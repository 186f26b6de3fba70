import type { PermissionMode } from '@latchkey/contract';
import type { Kysely } from 'kysely';
import type { NoteInvalidation } from '../../domain/shared/change-feed.ts';
import type { Workspace, WorkspaceStore } from '../../domain/tenancy/workspace.ts';
import { PreparedQuery } from '../statements/prepared-query.ts';
import type { Tables, WorkspaceRow } from '../tables.ts';

/** The id of the operation that makes the first workspace. */
const FOUNDING = 'founding';

export class SqlWorkspaceStore implements WorkspaceStore {
  readonly #db: Kysely<Tables>;
  readonly #note: NoteInvalidation;

  constructor(db: Kysely<Tables>, note: NoteInvalidation) {
    this.#db = db;
    this.#note = note;
  }

  async insert(workspace: Workspace, madeBy: string | null): Promise<void> {
    const row = { ...toWorkspaceRow(workspace), made_by: madeBy };
    await this.#db.insertInto('workspaces').values(row).execute();
  }

  async find(workspaceId: string): Promise<Workspace | null> {
    const row = await findWorkspace.first(this.#db, { workspaceId });
    return row ? fromWorkspaceRow(row) : null;
  }

  async makerOf(workspaceId: string): Promise<string | null> {
    const row = await this.#db
      .selectFrom('workspaces')
      .select('made_by')
      .where('id', '=', workspaceId)
      .executeTakeFirst();
    return row?.made_by ?? null;
  }

  async countMadeBy(userIds: readonly string[]): Promise<number> {
    const { count } = await this.#db
      .selectFrom('workspaces')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('made_by', 'in', [...userIds])
      .where('deleted_at', 'is', null)
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  async update(workspace: Workspace): Promise<void> {
    const { name, permission_mode, updated_at, suspended_at, deleted_at } = toWorkspaceRow(workspace);
    await this.#db
      .updateTable('workspaces')
      .set({ name, permission_mode, updated_at, suspended_at, deleted_at })
      .where('id', '=', workspace.id)
      .execute();
    this.#note({ kind: 'workspace', workspaceId: workspace.id });
  }

  async reserveFirst(now: number): Promise<void> {
    await this.#db.insertInto('operations').values({ id: FOUNDING, committed_at: now }).execute();
  }

  async first(): Promise<Workspace | null> {
    const row = await this.#oldest().executeTakeFirst();
    return row ? fromWorkspaceRow(row) : null;
  }

  async firstKept(): Promise<Workspace | null> {
    const row = await this.#oldest().where('deleted_at', 'is', null).executeTakeFirst();
    return row ? fromWorkspaceRow(row) : null;
  }

  #oldest() {
    return this.#db.selectFrom('workspaces').selectAll().orderBy('created_at').orderBy('id').limit(1);
  }
}

const findWorkspace = new PreparedQuery<{ workspaceId: string }, WorkspaceRow>((db, { workspaceId }) =>
  db.selectFrom('workspaces').selectAll().where('id', '=', workspaceId),
);

function toWorkspaceRow(workspace: Workspace): Omit<WorkspaceRow, 'made_by'> {
  return {
    id: workspace.id,
    name: workspace.name,
    key_prefix: workspace.keyPrefix,
    key_environment: workspace.keyEnvironment,
    permission_mode: workspace.permissionMode,
    created_at: workspace.createdAt,
    updated_at: workspace.updatedAt,
    suspended_at: workspace.suspendedAt,
    deleted_at: workspace.deletedAt,
  };
}

function fromWorkspaceRow(row: WorkspaceRow): Workspace {
  return {
    id: row.id,
    name: row.name,
    keyPrefix: row.key_prefix,
    keyEnvironment: row.key_environment,
    permissionMode: row.permission_mode as PermissionMode,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    suspendedAt: row.suspended_at,
    deletedAt: row.deleted_at,
  };
}
