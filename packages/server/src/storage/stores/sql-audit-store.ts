import type { AuditEventType } from '@latchkey/contract';
import type { Kysely } from 'kysely';
import type { AuditFilter, AuditPage, AuditStore, FoundEntries } from '../../domain/audit/audit-store.ts';
import { type Anchor, chained, genesisOf } from '../../domain/audit/chain.ts';
import { type AuditDraft, type AuditEntry, denialOf } from '../../domain/audit/entry.ts';
import { NO_CLIENT } from '../../domain/shared/caller.ts';
import { newId } from '../../domain/shared/id.ts';
import { PreparedQuery } from '../statements/prepared-query.ts';
import type { AuditEntryRow, Tables } from '../tables.ts';
import type { TransactionCache } from '../transactions/transaction-cache.ts';
import { listEntries, searchColumns, searchEntries } from './audit-query.ts';

/** The number of entries that one statement of a stream reads. */
const PART = 500;

type Details = Pick<
  AuditEntry,
  // words: a field name of the stored chain
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

/** The entry before a new one, and the address of the new entry's actor. */
interface Behind {
  readonly previous: Anchor;
  readonly actorEmail: string | null;
}

export class SqlAuditStore implements AuditStore {
  readonly #db: Kysely<Tables>;
  readonly #memory: TransactionCache | null;
  readonly #onAppend: (entry: Anchor) => void;

  constructor(
    db: Kysely<Tables>,
    memory: TransactionCache | null,
    onAppend: (entry: Anchor) => void = () => {},
  ) {
    this.#db = db;
    this.#memory = memory;
    this.#onAppend = onAppend;
  }

  async append(draft: AuditDraft, names: readonly string[] = []): Promise<AuditEntry> {
    const { workspaceId, actorId } = draft;
    const { previous, actorEmail } =
      this.#cached(workspaceId, actorId) ?? (await this.#behind(workspaceId, actorId));
    const sequence = previous.sequence + 1;
    const entry = chained({ ...draft, id: newId('log'), sequence, actorEmail }, previous);
    // Before the first `await`, so that a concurrent call cannot get the same sequence.
    this.#memory?.set(endOf(workspaceId), entry);
    await insertEntry.writeOne(this.#db, toRow(entry, names));
    this.#onAppend(entry);
    return entry;
  }

  async lookAhead(workspaceId: string, actorId: string): Promise<void> {
    if (!this.#memory || this.#cached(workspaceId, actorId)) return;
    const keep = this.#memory.keeper();
    const { previous, actorEmail } = await this.#behind(workspaceId, actorId);
    keep(endOf(workspaceId), previous);
    keep(addressOfActor(actorId), actorEmail);
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
    const last = await this.#of(workspaceId).orderBy('sequence', 'desc').limit(1).executeTakeFirst();
    if (last) return placeOf(last);
    return (await this.checkpoint(workspaceId)) ?? genesisOf(workspaceId);
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
    this.#memory?.clear();
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

  /** The result of `#behind` from the cache of the transaction; undefined on a miss. */
  #cached(workspaceId: string, actorId: string | null): Behind | undefined {
    const previous = this.#memory?.get<Anchor>(endOf(workspaceId));
    const actorEmail = actorId === null ? null : this.#memory?.get<string | null>(addressOfActor(actorId));
    return previous && actorEmail !== undefined ? { previous, actorEmail } : undefined;
  }

  /** Reads the last entry and the address of the actor, in one statement, since every change needs both. */
  async #behind(workspaceId: string, actorId: string | null): Promise<Behind> {
    const last = await findLast.first(this.#db, { workspaceId, actorId });
    if (last) return { previous: placeOf(last), actorEmail: last.email };
    const found = await addressOf(this.#db, actorId).executeTakeFirst();
    return { previous: await this.head(workspaceId), actorEmail: found?.email ?? null };
  }
}

/** The names of the cache entries. */
const endOf = (workspaceId: string) => `end of ${workspaceId}`;
const addressOfActor = (actorId: string) => `address of ${actorId}`;

const insertEntry = new PreparedQuery<AuditEntryRow>((db, row) => db.insertInto('audit_entries').values(row));

type LastRow = Pick<AuditEntryRow, 'workspace_id' | 'sequence' | 'hash'> & { email: string | null };

/** The last entry, with the address of the actor of the next. */
const findLast = new PreparedQuery<{ workspaceId: string; actorId: string | null }, LastRow>(
  (db, { workspaceId, actorId }) =>
    db
      .selectFrom('audit_entries')
      .select(['workspace_id', 'sequence', 'hash', addressOf(db, actorId).as('email')])
      .where('workspace_id', '=', workspaceId)
      .orderBy('sequence', 'desc')
      .limit(1),
);

function addressOf(db: Kysely<Tables>, userId: string | null) {
  return db
    .selectFrom('users')
    .select('email')
    .where('id', '=', userId ?? '');
}

function placeOf(row: Pick<AuditEntryRow, 'workspace_id' | 'sequence' | 'hash'>): Anchor {
  return { workspaceId: row.workspace_id, sequence: row.sequence, hash: row.hash };
}

function toRow(entry: AuditEntry, names: readonly string[]): AuditEntryRow {
  const { credential, address, agent, requestId, target, before, after, refusal } = entry; // words: as above
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
