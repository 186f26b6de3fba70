import type { AuditEventType } from '@latchkey/contract';
import { invalid } from '../shared/app-error.ts';
import { type Caller, requirePermission, seesAllKeys, seesKeysOf } from '../shared/caller.ts';
import { parseInstant } from '../shared/instant.ts';
import { type ListedPage, type PageInput, readCountedPage } from '../shared/read-page.ts';
import type { AuditFilter, AuditPage, AuditSearch, AuditStore } from './audit-store.ts';
import type { AuditEntry } from './entry.ts';
import type { KeyOwners } from './key-owners.ts';
import { maskEntries } from './mask-entries.ts';

type Optional<T> = { readonly [Field in keyof T]?: T[Field] | undefined };

export interface ListLogInput
  extends Optional<Pick<AuditFilter, 'actorId' | 'targetId'>>,
    Optional<Pick<AuditPage, 'sortOrder' | 'offset'>>,
    PageInput {
  /** One of these. */
  readonly eventType?: readonly AuditEventType[] | undefined;
  /** RFC 3339. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly search?: string | undefined;
}

export interface LogList extends ListedPage<AuditEntry> {
  readonly total: number;
  /** Null: a cursor asked for the page. */
  readonly offset: number | null;
  /** All that occur in the workspace, whatever was asked for. */
  readonly eventTypes: readonly AuditEventType[];
}

/**
 * Entries of the caller's workspace, the newest first unless asked otherwise. Names and owners of keys that the caller may
 * not see are null; a search finds neither. VALIDATION_FAILED for instants and cursors that are none.
 */
export async function listLog(
  { audit, keys }: { readonly audit: AuditStore; readonly keys: KeyOwners },
  caller: Caller,
  input: ListLogInput,
): Promise<LogList> {
  requirePermission(caller, 'workspace:logs-read');
  const { workspaceId } = caller;
  const { sortOrder = 'desc' } = input;
  const filter = toFilter(caller, input);
  const order = { list: { name: 'logs', workspaceId, filter, sortOrder }, sortedBy: 'number' } as const;
  const page = await readCountedPage(order, input, (asked) =>
    audit.list(workspaceId, filter, { ...asked, sortOrder }),
  );
  const items = await maskEntries(keys, caller, page.items);
  return { ...page, items, eventTypes: await audit.eventTypes(workspaceId) };
}

function toFilter(caller: Caller, input: ListLogInput): AuditFilter {
  const { eventType, actorId, targetId, search } = input;
  const from = input.from === undefined ? undefined : parseInstant(input.from, 'from');
  const to = input.to === undefined ? undefined : parseInstant(input.to, 'to');
  if (from !== undefined && to !== undefined && from >= to) throw invalid('from', 'must be before to');
  return {
    ...(eventType !== undefined && { eventTypes: [...new Set(eventType)].sort() }),
    ...(actorId !== undefined && { actorId }),
    ...(targetId !== undefined && { targetId }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(search !== undefined && { search: { text: search, keysByName: keysByName(caller) } }),
  };
}

/** A name that is masked must not be found: a search would tell it letter by letter. */
function keysByName(caller: Caller): AuditSearch['keysByName'] {
  if (seesAllKeys(caller)) return 'all';
  return seesKeysOf(caller, caller.userId) ? { ownerId: caller.userId } : 'none';
}
