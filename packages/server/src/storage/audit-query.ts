import { LOG_SEARCH_MAX } from '@latchkey/contract';
import type { Kysely } from 'kysely';
import type { AuditFilter, AuditPage } from '../domain/audit/audit-store.ts';
import { fold } from './fold.ts';
import { contains } from './substring.ts';
import type { AuditEntryRow, Tables } from './tables.ts';

interface FoundRows {
  readonly rows: AuditEntryRow[];
  /** How many match in all. */
  readonly total: number;
}

type SearchFilter = AuditFilter & { readonly search: string };

/** How much a search reads. */
interface SearchLimits {
  /** Entries that it reads at most. */
  readonly entriesMax: number;
  /** Entries that one statement reads: few, so that an aborted search ends soon and others have their turn. */
  readonly entriesAtOnce: number;
}

const LIMITS: SearchLimits = { entriesMax: LOG_SEARCH_MAX, entriesAtOnce: 2_000 };

/** The entries of a workspace that have this type and this actor, as far as the filter names them. */
function matchingEntries(db: Kysely<Tables>, workspaceId: string, { eventType, actorId }: AuditFilter) {
  const entries = db.selectFrom('audit_entries').where('workspace_id', '=', workspaceId);
  return entries
    .$if(eventType !== undefined, (query) => query.where('event_type', '=', eventType ?? ''))
    .$if(actorId !== undefined, (query) => query.where('actor_id', '=', actorId ?? ''));
}

/** A page of the entries that match, in the order of the chain. */
export async function listEntries(
  db: Kysely<Tables>,
  workspaceId: string,
  filter: AuditFilter,
  { sortOrder, limit, offset }: AuditPage,
): Promise<FoundRows> {
  const matching = matchingEntries(db, workspaceId, filter);
  const page = matching.selectAll().orderBy('sequence', sortOrder).limit(limit).offset(offset);
  const rows = await page.execute();
  const { total } = await matching
    .select((expression) => expression.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  return { rows, total: Number(total) };
}

/**
 * As `listEntries`, of the entries that contain the text, among the first `entriesMax` that have the type and the actor in the
 * order asked for. Reads a part at a time.
 */
export async function searchEntries(
  db: Kysely<Tables>,
  workspaceId: string,
  filter: SearchFilter,
  { sortOrder, limit, offset }: AuditPage,
  { entriesMax, entriesAtOnce }: SearchLimits = LIMITS,
): Promise<FoundRows> {
  const sequences: number[] = [];
  let last: number | null = null;
  for (let read = 0; read < entriesMax; read += entriesAtOnce) {
    const part: SearchedPart = await searchPart(db, workspaceId, filter, { sortOrder, last, entriesAtOnce });
    for (const sequence of part.found) sequences.push(sequence);
    last = part.last;
    if (last === null) break;
  }
  const wanted = sequences.slice(offset, offset + limit);
  return { rows: await entriesAt(db, workspaceId, wanted, sortOrder), total: sequences.length };
}

interface SearchedPart {
  readonly found: readonly number[];
  /** The place of the last entry that was read; null where there are no others. */
  readonly last: number | null;
}

/** Searches the next entries behind `last`; null: from the first one. */
async function searchPart(
  db: Kysely<Tables>,
  workspaceId: string,
  filter: SearchFilter,
  from: Pick<AuditPage, 'sortOrder'> & Pick<SearchLimits, 'entriesAtOnce'> & { readonly last: number | null },
): Promise<SearchedPart> {
  const { sortOrder, last, entriesAtOnce } = from;
  const [behind, upTo] = sortOrder === 'desc' ? (['<', '>='] as const) : (['>', '<='] as const);
  const rest = matchingEntries(db, workspaceId, filter)
    .select('sequence')
    .orderBy('sequence', sortOrder)
    .$if(last !== null, (query) => query.where('sequence', behind, last ?? 0));
  const end = await rest
    .offset(entriesAtOnce - 1)
    .limit(1)
    .executeTakeFirst();
  const part = end ? rest.where('sequence', upTo, end.sequence) : rest;
  const found = await part.where(contains('search_text', fold(filter.search))).execute();
  return { found: found.map(({ sequence }) => sequence), last: end?.sequence ?? null };
}

async function entriesAt(
  db: Kysely<Tables>,
  workspaceId: string,
  sequences: readonly number[],
  sortOrder: AuditPage['sortOrder'],
): Promise<AuditEntryRow[]> {
  if (sequences.length === 0) return [];
  return db
    .selectFrom('audit_entries')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('sequence', 'in', sequences)
    .orderBy('sequence', sortOrder)
    .execute();
}
