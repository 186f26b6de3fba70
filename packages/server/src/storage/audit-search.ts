import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { AuditSearch } from '../domain/audit/audit-store.ts';
import type { AuditEntry } from '../domain/audit/entry.ts';
import { searchKey } from '../domain/shared/search-key.ts';
import { contains } from './statements/text-search.ts';
import type { AuditEntryRow, Tables } from './tables.ts';

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
export function searchCondition(
  expression: ExpressionBuilder<Tables, 'audit_entries'>,
  workspaceId: string,
  { text, keysByName }: AuditSearch,
): Expression<SqlBool> {
  const key = searchKey(text);
  const inText = contains('search_text', key);
  if (keysByName === 'none') return inText;
  const inNames = contains('key_names', key);
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
