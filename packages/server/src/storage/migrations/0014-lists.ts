import type { Kysely } from 'kysely';
import { searchKey } from '../../domain/shared/text/search-key.ts';

/** The number of audit entries in one statement. */
const BATCH = 1_000;

type Entries = {
  audit_entries: {
    workspace_id: string;
    sequence: number;
    event_type: string;
    actor_email: string | null;
    details: string;
    target_id: string;
    search_text: string;
    key_names: string | null;
  };
};

type Place = Pick<Entries['audit_entries'], 'workspace_id' | 'sequence'>;

/**
 * Adds indexes for pages of members by `created_at`, and for the log by time and by target. Adds the text for a search of
 * the log; existing entries get the names that they contain. Renames a column of `replays`, since outcomes of idempotent calls
 * are no longer of keys only.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('replays').renameColumn('key_id', 'subject_id').execute();
  await createIndex(db, 'members', ['workspace_id', 'created_at', 'user_id']);
  await db.schema
    .alterTable('audit_entries')
    .addColumn('target_id', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
  await db.schema.alterTable('audit_entries').addColumn('key_names', 'text').execute();
  await describeEntries(db.withTables<Entries>());
  await createIndex(db, 'audit_entries', ['workspace_id', 'target_id', 'sequence']);
  await createIndex(db, 'audit_entries', ['workspace_id', 'created_at', 'sequence']);
  await db.schema.dropIndex('audit_entries_by_workspace_id_created_at').execute();
}

async function describeEntries(db: Kysely<Entries>): Promise<void> {
  for (let last: Place | undefined = { workspace_id: '', sequence: 0 }; last; ) {
    const after: Place = last;
    const rows = await db
      .selectFrom('audit_entries')
      .select(['workspace_id', 'sequence', 'event_type', 'actor_email', 'details'])
      .where(({ eb, refTuple, tuple }) =>
        eb(refTuple('workspace_id', 'sequence'), '>', tuple(after.workspace_id, after.sequence)),
      )
      .orderBy('workspace_id')
      .orderBy('sequence')
      .limit(BATCH)
      .execute();
    for (const { workspace_id, sequence, ...row } of rows) {
      await db
        .updateTable('audit_entries')
        .set(describe(row))
        .where('workspace_id', '=', workspace_id)
        .where('sequence', '=', sequence)
        .execute();
    }
    last = rows.at(-1);
  }
}

interface Details {
  readonly target?: { readonly kind?: unknown; readonly id?: unknown };
  readonly requestId?: unknown;
  readonly before?: Readonly<Record<string, unknown>> | null;
  readonly after?: Readonly<Record<string, unknown>> | null;
}

function describe(row: Pick<Entries['audit_entries'], 'event_type' | 'actor_email' | 'details'>) {
  const { target, requestId, before, after } = parse(row.details);
  const targetId = typeof target?.id === 'string' ? target.id : '';
  const names = [...new Set([...namesIn(before), ...namesIn(after)])];
  const isKey = target?.kind === 'api-key';
  const texts = [row.event_type, targetId, row.actor_email, requestId, ...(isKey ? [] : names)];
  return {
    target_id: targetId,
    search_text: searchKey(texts.join('\n')),
    key_names: isKey && names.length > 0 ? searchKey(names.join('\n')) : null,
  };
}

function namesIn(facts: Details['before']): string[] {
  const { name, displayName, email, roleName } = facts ?? {};
  return [name, displayName, email, roleName].filter((value) => typeof value === 'string');
}

/** An entry that was edited outside the service may be unreadable. */
function parse(details: string): Details {
  try {
    const parsed: unknown = JSON.parse(details);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

async function createIndex(db: Kysely<unknown>, table: string, columns: string[]): Promise<void> {
  const name = `${table}_by_${columns.join('_')}`;
  await db.schema.createIndex(name).on(table).columns(columns).execute();
}
