import type { AuditEventType } from '@latchkey/contract';
import type { Kysely } from 'kysely';
import type { AuditFilter, AuditPage, AuditStore, FoundEntries } from '../../domain/audit/audit-store.ts';
import { type Anchor, genesisOf } from '../../domain/audit/chain.ts';
import { type AuditEntry, denialOf } from '../../domain/audit/entry.ts';
import { NO_CLIENT } from '../../domain/shared/caller.ts';
import type { LockChain } from '../engines/engine.ts';
import { PreparedQuery } from '../statements/prepared-query.ts';
import type { AuditEntryRow, Tables } from '../tables.ts';
import type { TransactionCache } from '../transaction-cache.ts';
import { listEntries, searchColumns, searchEntries } from './audit-query.ts';

/** The number of entries that one statement of a stream reads. */
const PART = 500;

type Details = Pick<
  AuditEntry,
  'credential' | 'address' | 'agent' | 'requestId' | 'target' | 'before' | 'after' | 'refusal'
>;

const UNREADABLE: Details = {
  ...NO_CLIENT,
  credential: { kind: 'operator', keyId: null },
  target: { kind: 'audit-log', id: '' },
  before: null,
  after: null,
  ...denialOf(null),
};

/** The transaction of which a store is part. */
export interface AuditTransaction {
  readonly cache: TransactionCache;
  readonly lockChain: LockChain | null;
  readonly onAppend: (entry: Anchor) => void;
}

export class SqlAuditStore implements AuditStore {
  readonly #db: Kysely<Tables>;
  readonly #transaction: AuditTransaction | null;

  /** `transaction`: null outside of one. */
  constructor(db: Kysely<Tables>, transaction: AuditTransaction | null = null) {
    this.#db = db;
    this.#transaction = transaction;
  }

  async append(entry: AuditEntry, names: readonly string[]): Promise<void> {
    await insertEntry.writeOne(this.#db, toRow(entry, names));
    const { workspaceId, sequence, hash } = entry;
    this.#transaction?.cache.set(headOf(workspaceId), { workspaceId, sequence, hash });
    this.#transaction?.onAppend(entry);
  }

  async addressOf(userId: string): Promise<string | null> {
    const row = await this.#db
      .selectFrom('users')
      .select('email')
      .where('id', '=', userId)
      .executeTakeFirst();
    return row?.email ?? null;
  }

  async list(workspaceId: string, filter: AuditFilter, page: AuditPage): Promise<FoundEntries> {
    const { search } = filter;
    const found =
      search === undefined
        ? await listEntries(this.#db, workspaceId, filter, page)
        : await searchEntries(this.#db, workspaceId, { ...filter, search }, page);
    return { ...found, items: found.items.map(fromRow) };
  }

  async eventTypes(workspaceId: string): Promise<AuditEventType[]> {
    const rows = await this.#of(workspaceId)
      .clearSelect()
      .select('event_type')
      .distinct()
      .orderBy('event_type')
      .execute();
    return rows.map(({ event_type }) => event_type as AuditEventType);
  }

  async *stream(workspaceId: string): AsyncGenerator<AuditEntry, void, undefined> {
    for (let last = 0; ; ) {
      const rows = await this.#of(workspaceId)
        .where('sequence', '>', last)
        .orderBy('sequence')
        .limit(PART)
        .execute();
      yield* rows.map(fromRow);
      last = rows.at(-1)?.sequence ?? last;
      if (rows.length < PART) return;
    }
  }

  async head(workspaceId: string): Promise<Anchor> {
    const { cache = null, lockChain = null } = this.#transaction ?? {};
    const read = async (): Promise<Anchor> => {
      if (lockChain) await lockChain(workspaceId);
      const last = await findHead.first(this.#db, { workspaceId });
      return last ? { workspaceId, ...last } : genesisOf(workspaceId);
    };
    return cache ? cache.recall(headOf(workspaceId), read) : read();
  }

  async checkpoint(workspaceId: string): Promise<Anchor | null> {
    const row = await this.#db
      .selectFrom('audit_checkpoints')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .executeTakeFirst();
    return row ? placeOf(row) : null;
  }

  async workspacesBefore(instant: number): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('audit_entries')
      .select('workspace_id')
      .distinct()
      .where('created_at', '<', instant)
      .execute();
    return rows.map(({ workspace_id }) => workspace_id);
  }

  async trim(workspaceId: string, instant: number): Promise<Anchor | null> {
    const kept = await this.#of(workspaceId)
      .where('created_at', '>=', instant)
      .orderBy('sequence')
      .limit(1)
      .executeTakeFirst();
    const last = await this.#of(workspaceId)
      .where('sequence', '<', kept?.sequence ?? Number.MAX_SAFE_INTEGER)
      .orderBy('sequence', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (!last) return null;
    await this.#removeUpTo(placeOf(last));
    return placeOf(last);
  }

  async #removeUpTo({ workspaceId, sequence, hash }: Anchor): Promise<void> {
    await this.#db
      .insertInto('audit_checkpoints')
      .values({ workspace_id: workspaceId, sequence, hash })
      .onConflict((conflict) => conflict.column('workspace_id').doUpdateSet({ sequence, hash }))
      .execute();
    await this.#db
      .deleteFrom('audit_entries')
      .where('workspace_id', '=', workspaceId)
      .where('sequence', '<=', sequence)
      .execute();
  }

  #of(workspaceId: string) {
    return this.#db.selectFrom('audit_entries').selectAll().where('workspace_id', '=', workspaceId);
  }
}

/** The name of the cached head. */
const headOf = (workspaceId: string) => `head of ${workspaceId}`;

const insertEntry = new PreparedQuery<AuditEntryRow>((db, row) => db.insertInto('audit_entries').values(row));

/** The last entry or, if there is none, the checkpoint. */
const findHead = new PreparedQuery<{ workspaceId: string }, Pick<Anchor, 'sequence' | 'hash'>>(
  (db, { workspaceId }) => {
    const last = db
      .selectFrom('audit_entries')
      .select(['sequence', 'hash'])
      .where('workspace_id', '=', workspaceId)
      .orderBy('sequence', 'desc')
      .limit(1);
    const checkpoint = db
      .selectFrom('audit_checkpoints')
      .select(['sequence', 'hash'])
      .where('workspace_id', '=', workspaceId);
    return db
      .selectFrom(last.as('last'))
      .select(['sequence', 'hash'])
      .unionAll(checkpoint)
      .orderBy('sequence', 'desc')
      .limit(1);
  },
);

function placeOf(row: Pick<AuditEntryRow, 'workspace_id' | 'sequence' | 'hash'>): Anchor {
  return { workspaceId: row.workspace_id, sequence: row.sequence, hash: row.hash };
}

function toRow(entry: AuditEntry, names: readonly string[]): AuditEntryRow {
  const { credential, address, agent, requestId, target, before, after, refusal } = entry;
  const details: Details = { credential, address, agent, requestId, target, before, after, refusal };
  return {
    workspace_id: entry.workspaceId,
    sequence: entry.sequence,
    id: entry.id,
    event_type: entry.eventType,
    actor_id: entry.actorId,
    actor_email: entry.actorEmail,
    created_at: entry.createdAt,
    details: JSON.stringify(details),
    hash: entry.hash,
    target_id: target.id,
    ...searchColumns(entry, names),
  };
}

/** Reads as much as possible of a row that was edited outside the service; a check of its hash finds the edit. */
function detailsOf({ details }: AuditEntryRow): Details {
  try {
    return { ...UNREADABLE, ...(JSON.parse(details) as Details) };
  } catch {
    return UNREADABLE;
  }
}

function fromRow(row: AuditEntryRow): AuditEntry {
  return {
    ...detailsOf(row),
    id: row.id,
    workspaceId: row.workspace_id,
    sequence: row.sequence,
    eventType: row.event_type as AuditEventType,
    actorId: row.actor_id,
    actorEmail: row.actor_email,
    createdAt: row.created_at,
    hash: row.hash,
  };
}
