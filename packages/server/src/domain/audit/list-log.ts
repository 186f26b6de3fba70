import type { AuditEventType } from '@latchkey/contract';
import { type Caller, requirePermission } from '../shared/caller.ts';
import { type ListedPage, type PageInput, readCountedPage } from '../shared/read-page.ts';
import type { AuditFilter, AuditPage, AuditStore } from './audit-store.ts';
import type { AuditEntry } from './entry.ts';
import type { KeyOwners } from './key-owners.ts';
import { maskEntries } from './mask-entries.ts';

type Optional<T> = { readonly [Field in keyof T]?: T[Field] | undefined };

export interface ListLogInput
  extends Optional<AuditFilter>,
    Optional<Pick<AuditPage, 'sortOrder' | 'offset'>>,
    PageInput {}

export interface LogList extends ListedPage<AuditEntry> {
  readonly total: number;
  /** Null: a cursor asked for the page. */
  readonly offset: number | null;
  /** All that occur in the workspace, whatever was asked for. */
  readonly eventTypes: readonly AuditEventType[];
}

/**
 * Entries of the caller's workspace, the newest first unless asked otherwise. Names and owners of keys that the caller may
 * not see are null; a search looks at neither.
 */
export async function listLog(
  { audit, keys }: { readonly audit: AuditStore; readonly keys: KeyOwners },
  caller: Caller,
  { eventType, actorId, search, ...page }: ListLogInput,
): Promise<LogList> {
  requirePermission(caller, 'workspace:logs-read');
  const { workspaceId } = caller;
  const { sortOrder = 'desc' } = page;
  const filter = {
    ...(eventType !== undefined && { eventType }),
    ...(actorId !== undefined && { actorId }),
    ...(search !== undefined && { search }),
  };
  const order = { list: { name: 'logs', workspaceId, filter, sortOrder }, sortedBy: 'number' } as const;
  const listed = await readCountedPage(order, page, (asked) =>
    audit.list(workspaceId, filter, { ...asked, sortOrder }),
  );
  const items = await maskEntries(keys, caller, listed.items);
  return { ...listed, items, eventTypes: await audit.eventTypes(workspaceId) };
}
