import { type AuditEventType, PAGE_SIZE_DEFAULT } from '@latchkey/contract';
import { type Caller, requirePermission } from '../shared/caller.ts';
import type { AuditFilter, AuditPage, AuditStore } from './audit-store.ts';
import type { AuditEntry } from './entry.ts';
import type { KeyOwners } from './key-owners.ts';
import { maskEntries } from './mask-entries.ts';

type Optional<T> = { readonly [Field in keyof T]?: T[Field] | undefined };

export interface ListLogInput extends Optional<AuditFilter>, Optional<AuditPage> {}

export interface LogList {
  readonly entries: readonly AuditEntry[];
  readonly total: number;
  readonly limit: number;
  readonly offset: number;
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
  const { sortOrder = 'desc', limit = PAGE_SIZE_DEFAULT, offset = 0 } = page;
  const filter = {
    ...(eventType !== undefined && { eventType }),
    ...(actorId !== undefined && { actorId }),
    ...(search !== undefined && { search }),
  };
  const { entries, total } = await audit.list(caller.workspaceId, filter, { sortOrder, limit, offset });
  const shown = await maskEntries(keys, caller, entries);
  return { entries: shown, total, limit, offset, eventTypes: await audit.eventTypes(caller.workspaceId) };
}
