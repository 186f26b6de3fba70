import type { Kysely } from 'kysely';
import { type Anchor, genesisOf, nextEntry } from '../../domain/audit/chain.ts';
import { OperatorError } from '../../domain/shared/operator-error.ts';
import type { Database } from '../engines/engine.ts';
import { newestEntry } from '../head-file.ts';
import { SqlAuditStore } from '../stores/sql-audit-store.ts';
import type { Tables } from '../tables.ts';

/** The contents of a copy. */
export interface CopyContents {
  readonly workspaces: number;
  readonly members: number;
  /** Includes revoked keys. */
  readonly keys: number;
  readonly auditEntries: number;
  /** The time of the newest entry of the audit log; null if there is none. */
  readonly lastChangeAt: number | null;
}

/**
 * Reads the whole copy. Throws OperatorError with the file name if the engine finds damage, or if the hash of the last audit
 * entry of a workspace does not match its content.
 */
export async function checkCopy({ db, findDamage }: Database, file: string): Promise<CopyContents> {
  const [damage] = await findDamage();
  if (damage !== undefined) throw new OperatorError(`${file} is damaged: ${damage}`);
  const audit = new SqlAuditStore(db);
  for (const workspaceId of await workspacesOf(db))
    if (!(await endsIntact(audit, workspaceId)))
      throw new OperatorError(`${file}: the last entry of the audit log of ${workspaceId} was edited`);
  const count = async (table: 'workspaces' | 'members' | 'api_keys' | 'audit_entries') => {
    const { rows } = await db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as('rows'))
      .executeTakeFirstOrThrow();
    return Number(rows);
  };
  return {
    workspaces: await count('workspaces'),
    members: await count('members'),
    keys: await count('api_keys'),
    auditEntries: await count('audit_entries'),
    lastChangeAt: (await newestEntry(db))?.createdAt ?? null,
  };
}

async function workspacesOf(db: Kysely<Tables>): Promise<string[]> {
  const rows = await db.selectFrom('audit_entries').select('workspace_id').distinct().execute();
  return rows.map(({ workspace_id }) => workspace_id);
}

async function endsIntact(audit: SqlAuditStore, workspaceId: string): Promise<boolean> {
  const page = { sortOrder: 'desc', limit: 2, offset: 0, after: null } as const;
  const [last, before] = (await audit.list(workspaceId, {}, page)).items;
  if (!last) return true;
  const previous: Anchor = before ?? (await audit.checkpoint(workspaceId)) ?? genesisOf(workspaceId);
  return previous.sequence === last.sequence - 1 && nextEntry(previous, last).hash === last.hash;
}
