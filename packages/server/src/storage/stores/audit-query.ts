import { LOG_SEARCH_MAX, type SortOrder } from '@latchkey/contract';
import { type Expression, type ExpressionBuilder, type Kysely, type SqlBool, sql } from 'kysely';
import type { AuditFilter, AuditPage, AuditSearch } from '../../domain/audit/audit-store.ts';
import type { AuditEntry } from '../../domain/audit/entry.ts';
import type { Page, Position } from '../../domain/shared/page.ts';
import { searchKey } from '../../domain/shared/text/search-key.ts';
import { pageOf, unindexed } from '../statements/keyset.ts';
import { containsText } from '../statements/text-search.ts';
import type { AuditEntryRow, Tables } from '../tables.ts';

interface FoundRows extends Page<AuditEntryRow> {
  /** The number of all matching entries. */
  readonly total: number;
}

type SearchFilter = AuditFilter & { readonly search: AuditSearch };

/** The limits of a search. */
interface SearchLimits {
  /** The maximum number of entries that it reads. */
  readonly entriesMax: number;
  /** Entries that one statement reads: few, so that an aborted search ends soon and other statements can run. */
  readonly entriesAtOnce: number;
}

const LIMITS: SearchLimits = { entriesMax: LOG_SEARCH_MAX, entriesAtOnce: 2_000 };

const AFTER = { asc: '>', desc: '<' } as const satisfies Record<SortOrder, string>;
const UP_TO = { asc: '<=', desc: '>=' } as const satisfies Record<SortOrder, string>;

type EntryExpression = ExpressionBuilder<Tables, 'audit_entries'>;

function conditionsOf(expression: EntryExpression, filter: AuditFilter): Expression<SqlBool>[] {
  const { eventTypes, actorId, targetId, from, to } = filter;
  const conditions: Expression<SqlBool>[] = [];
  if (eventTypes !== undefined) conditions.push(expression('event_type', 'in', eventTypes));
  if (actorId !== undefined) conditions.push(expression('actor_id', '=', actorId));
  if (targetId !== undefined) conditions.push(expression('target_id', '=', targetId));
  if (from !== undefined) conditions.push(expression('created_at', '>=', from));
  if (to !== undefined) conditions.push(expression('created_at', '<', to));
  return conditions;
}

/** The condition of the filter for which an index has the entries in the order of the chain; empty: search all entries. */
function indexedCondition(expression: EntryExpression, filter: AuditFilter): Expression<SqlBool>[] {
  const { eventTypes = [], actorId, targetId } = filter;
  const [eventType, ...others] = eventTypes;
  if (targetId !== undefined) return [expression('target_id', '=', targetId)];
  if (eventType !== undefined && others.length === 0) return [expression('event_type', '=', eventType)];
  return actorId === undefined ? [] : [expression('actor_id', '=', actorId)];
}

/** A page of the entries that match, in the order of the chain. */
export async function listEntries(
  db: Kysely<Tables>,
  workspaceId: string,
  filter: AuditFilter,
  page: AuditPage,
): Promise<FoundRows> {
  const { sortOrder, limit, offset, after } = page;
  const matching = db
    .selectFrom('audit_entries')
    .where('workspace_id', '=', workspaceId)
    .where((expression) => expression.and(conditionsOf(expression, filter)));
  const rows = await matching
    .$if(after !== null, (query) => query.where('sequence', AFTER[sortOrder], Number(after?.value)))
    .selectAll()
    .orderBy('sequence', sortOrder)
    .limit(limit + 1)
    .offset(offset)
    .execute();
  const { total } = await matching
    .select((expression) => expression.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  return { ...pageOf(rows, page, ({ sequence }) => positionAt(sequence)), total: Number(total) };
}

/**
 * As `listEntries`, for entries that contain the text. Reads at most `entriesMax` entries from `after` on, in the requested
 * order: those that match the indexed condition, between the first and the last one within the times of the filter. A
 * statement reads `entriesAtOnce` of them.
 */
export async function searchEntries(
  db: Kysely<Tables>,
  workspaceId: string,
  filter: SearchFilter,
  { sortOrder, limit, offset, after }: AuditPage,
  { entriesMax, entriesAtOnce }: SearchLimits = LIMITS,
): Promise<FoundRows> {
  const bounds = await sequencesWithin(db, workspaceId, filter);
  const sequences: number[] = [];
  let last: number | null = after && Number(after.value);
  for (let read = 0; bounds && read < entriesMax; read += entriesAtOnce) {
    const part: SearchedPart = await searchPart(db, {
      workspaceId,
      filter,
      sortOrder,
      bounds,
      last,
      entriesAtOnce,
    });
    for (const sequence of part.found) sequences.push(sequence);
    last = part.last;
    if (last === null) break;
  }
  const wanted = sequences.slice(offset, offset + limit);
  const items = await entriesAt(db, workspaceId, wanted, sortOrder);
  // The next page begins after this page if there are more matches, otherwise after the last entry that was read.
  const end = sequences.length > offset + limit ? (wanted.at(-1) ?? null) : bounds && last;
  return { items, next: end === null ? null : positionAt(end), total: sequences.length };
}

/** The id is not needed to break ties, since every entry has another sequence. */
function positionAt(sequence: number): Position {
  return { value: sequence, id: String(sequence) };
}

interface Bounds {
  readonly first: number;
  readonly last: number;
}

const ALL: Bounds = { first: 1, last: Number.MAX_SAFE_INTEGER };

/** The first and the last sequence of the entries within the times of the filter; null: there are none. */
async function sequencesWithin(
  db: Kysely<Tables>,
  workspaceId: string,
  { from, to }: AuditFilter,
): Promise<Bounds | null> {
  if (from === undefined && to === undefined) return ALL;
  const { first, last } = await db
    .selectFrom('audit_entries')
    .select(({ fn }) => [
      fn.min<number | null>('sequence').as('first'),
      fn.max<number | null>('sequence').as('last'),
    ])
    .where('workspace_id', '=', workspaceId)
    .where('created_at', '>=', from ?? 0)
    .where('created_at', '<', to ?? Number.MAX_SAFE_INTEGER)
    .executeTakeFirstOrThrow();
  return first === null || last === null ? null : { first, last };
}

interface SearchedPart {
  readonly found: readonly number[];
  /** The sequence of the last entry that was read; null if no entries remain. */
  readonly last: number | null;
}

interface Part extends Pick<AuditPage, 'sortOrder'>, Pick<SearchLimits, 'entriesAtOnce'> {
  readonly workspaceId: string;
  readonly filter: SearchFilter;
  readonly bounds: Bounds;
  /** The `last` of the part before; null: this is the first part. */
  readonly last: number | null;
}

async function searchPart(db: Kysely<Tables>, part: Part): Promise<SearchedPart> {
  const { workspaceId, filter, sortOrder, bounds, last, entriesAtOnce } = part;
  const rest = db
    .selectFrom('audit_entries')
    .select('sequence')
    .where('workspace_id', '=', workspaceId)
    .where('sequence', '>=', bounds.first)
    .where('sequence', '<=', bounds.last)
    .where((expression) => expression.and(indexedCondition(expression, filter)))
    .$if(last !== null, (query) => query.where('sequence', AFTER[sortOrder], last ?? 0))
    .orderBy('sequence', sortOrder);
  const end = await rest
    .offset(entriesAtOnce - 1)
    .limit(1)
    .executeTakeFirst();
  const found = await (end ? rest.where('sequence', UP_TO[sortOrder], end.sequence) : rest)
    .where((expression) => {
      const isMatch = [
        ...conditionsOf(expression, filter),
        searchCondition(expression, workspaceId, filter.search),
      ];
      return unindexed(expression.and(isMatch));
    })
    .execute();
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

/** The text of an entry that a search compares. */
type SearchColumns = Pick<AuditEntryRow, 'search_text' | 'key_names'>;

/** Names of keys have a separate column, since not every reader of the log may see them. */
export function searchColumns(
  {
    eventType,
    target,
    actorEmail,
    requestId,
  }: Pick<AuditEntry, 'eventType' | 'target' | 'actorEmail' | 'requestId'>,
  names: readonly string[],
): SearchColumns {
  const isKey = target.kind === 'api-key';
  const texts = [eventType, target.id, actorEmail, requestId, ...(isKey ? [] : names)];
  return {
    search_text: searchKey(texts.join('\n')),
    key_names: isKey && names.length > 0 ? searchKey(names.join('\n')) : null,
  };
}

/** Does an entry contain the text, in the columns that the reader may see? */
function searchCondition(
  expression: ExpressionBuilder<Tables, 'audit_entries'>,
  workspaceId: string,
  { text, keysByName }: AuditSearch,
): Expression<SqlBool> {
  const key = searchKey(text);
  const inText = containsText('search_text', key);
  if (keysByName === 'none') return inText;
  const inNames = containsText('key_names', key);
  if (keysByName === 'all') return expression.or([inText, inNames]);
  const isOwn = expression.exists(
    expression
      .selectFrom('api_keys')
      .select(sql`1`.as('one'))
      .where('api_keys.workspace_id', '=', workspaceId)
      .where('api_keys.user_id', '=', keysByName.ownerId)
      .whereRef('api_keys.id', '=', 'audit_entries.target_id'),
  );
  return expression.or([inText, expression.and([inNames, isOwn])]);
}
