import { LOG_SEARCH_MAX, type SortOrder } from '@latchkey/contract';
import type { Kysely } from 'kysely';
import type { AuditFilter, AuditPage } from '../domain/audit/audit-store.ts';
import type { Page, Position } from '../domain/shared/page.ts';
import { fold } from './fold.ts';
import { pageOf } from './keyset.ts';
import { contains } from './substring.ts';
import type { AuditEntryRow, Tables } from './tables.ts';

interface FoundRows extends Page<AuditEntryRow> {
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
  page: AuditPage,
): Promise<FoundRows> {
  const { sortOrder, limit, offset, after } = page;
  const matching = matchingEntries(db, workspaceId, filter);
  const rows = await matching
    .$if(after !== null, (query) => query.where('sequence', BEHIND[sortOrder], Number(after?.value)))
    .selectAll()
    .orderBy('sequence', sortOrder)
    .limit(limit + 1)
    .offset(offset)
    .execute();
  const { total } = await matching
    .select((expression) => expression.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  return { ...pageOf(rows, page, ({ sequence }) => placeAt(sequence)), total: Number(total) };
}

/**
 * As `listEntries`, of the entries that contain the text, among the first `entriesMax` from `after` that match the rest of the
 * filter, in the order asked for. Reads a part at a time.
 */
export async function searchEntries(
  db: Kysely<Tables>,
  workspaceId: string,
  filter: SearchFilter,
  { sortOrder, limit, offset, after }: AuditPage,
  { entriesMax, entriesAtOnce }: SearchLimits = LIMITS,
): Promise<FoundRows> {
  const sequences: number[] = [];
  let last: number | null = after && Number(after.value);
  for (let read = 0; read < entriesMax; read += entriesAtOnce) {
    const part: SearchedPart = await searchPart(db, workspaceId, filter, { sortOrder, last, entriesAtOnce });
    for (const sequence of part.found) sequences.push(sequence);
    last = part.last;
    if (last === null) break;
  }
  const wanted = sequences.slice(offset, offset + limit);
  const items = await entriesAt(db, workspaceId, wanted, sortOrder);
  // Goes on after the page where there are more matches, else after all that was read.
  const end = sequences.length > offset + limit ? (wanted.at(-1) ?? null) : last;
  return { items, next: end === null ? null : placeAt(end), total: sequences.length };
}

/** No two entries have the same sequence, so there is no tie for an id to break. */
function placeAt(sequence: number): Position {
  return { value: sequence, id: String(sequence) };
}

const BEHIND = { asc: '>', desc: '<' } as const satisfies Record<SortOrder, string>;
const UP_TO = { asc: '<=', desc: '>=' } as const satisfies Record<SortOrder, string>;

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
  const rest = matchingEntries(db, workspaceId, filter)
    .select('sequence')
    .orderBy('sequence', sortOrder)
    .$if(last !== null, (query) => query.where('sequence', BEHIND[sortOrder], last ?? 0));
  const end = await rest
    .offset(entriesAtOnce - 1)
    .limit(1)
    .executeTakeFirst();
  const part = end ? rest.where('sequence', UP_TO[sortOrder], end.sequence) : rest;
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
