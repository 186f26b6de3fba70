import type { CredentialKind } from '@latchkey/contract';
import type { Kysely } from 'kysely';
import type { Credential, DescentStore, Origination } from '../../domain/tenancy/descent.ts';
import { inParts } from '../statements/batch-query.ts';
import { PreparedQuery } from '../statements/prepared-query.ts';
import type { DescentTable, Tables } from '../tables.ts';

export class SqlDescentStore implements DescentStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async record({ kind, id }: Credential, { workspaceId, parentId, memberId }: Origination): Promise<void> {
    if (parentId === null && memberId === null) return;
    await insertRecord.writeOne(this.#db, {
      workspace_id: workspaceId,
      child_id: id,
      child_kind: kind,
      parent_id: parentId,
      member_id: memberId,
    });
  }

  async childrenOf(workspaceId: string, ids: readonly string[]): Promise<Credential[]> {
    const children: Credential[] = [];
    for (const part of inParts(ids)) {
      const rows = await this.#children(workspaceId, part).execute();
      children.push(
        ...rows.map(({ child_kind, child_id: id }) => ({ kind: child_kind as CredentialKind, id })),
      );
    }
    return children;
  }

  #children(workspaceId: string, ids: readonly string[]) {
    const secrets = this.#db.selectFrom('api_key_secrets').select('digest').where('key_id', 'in', ids);
    return this.#db
      .selectFrom('descent')
      .select(['child_kind', 'child_id'])
      .where('workspace_id', '=', workspaceId)
      .where((row) =>
        row.or([row('parent_id', 'in', ids), row('parent_id', 'in', secrets), row('member_id', 'in', ids)]),
      )
      .orderBy('child_id');
  }

  async removeMember(workspaceId: string, userId: string): Promise<void> {
    await this.#db
      .deleteFrom('descent')
      .where('workspace_id', '=', workspaceId)
      .where('child_id', '=', userId)
      .execute();
  }

  async purge(): Promise<number> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('descent')
      .where('child_kind', 'in', ['session', 'sign-in-link'])
      .where('child_id', 'not in', (row) => row.selectFrom('sessions').select('id'))
      .where('child_id', 'not in', (row) => row.selectFrom('sign_in_links').select('id'))
      .where((row) =>
        row.not(
          row.exists(
            row
              .selectFrom('descent as made')
              .select('made.child_id')
              .whereRef('made.parent_id', '=', 'descent.child_id'),
          ),
        ),
      )
      .executeTakeFirst();
    return Number(numDeletedRows);
  }
}

const insertRecord = new PreparedQuery<DescentTable>((db, row) =>
  db
    .insertInto('descent')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['child_id', 'workspace_id']).doUpdateSet({
        parent_id: (each) => each.ref('excluded.parent_id'),
        member_id: (each) => each.ref('excluded.member_id'),
      }),
    ),
);
