import type { AuditEventType } from '@latchkey/contract';
import { invalid } from '../shared/app-error.ts';
import {
  type Caller,
  requirePermission,
  requireSeesAllKeys,
  seesAllKeys,
  seesKeysOf,
} from '../shared/caller.ts';
import { parseInstant } from '../shared/instant.ts';
import { type ListedPage, type PageInput, readCountedPage } from '../shared/page.ts';
import type { AuditFilter, AuditPage, AuditSearch, AuditStore, KeyOwners } from './audit-store.ts';
import { type Anchor, genesisOf, lineOf, recordOf } from './chain.ts';
import type { AuditEntry } from './entry.ts';
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

/**
 * The whole chain of the caller's workspace as lines without line ends: the checkpoint, if there is one, the entries, and
 * the anchor, which is the place of the last entry. No field can be masked, since the hashes cover all of them:
 * PERMISSION_DENIED unless the caller may see every key.
 */
export function exportLog({ audit }: { readonly audit: AuditStore }, caller: Caller): AsyncIterable<string> {
  requirePermission(caller, 'workspace:logs-read');
  requireSeesAllKeys(caller);
  return chainLines(audit, caller.workspaceId);
}

/** The lines of `exportLog`. */
export async function* chainLines(
  audit: Pick<AuditStore, 'checkpoint' | 'stream'>,
  workspaceId: string,
): AsyncGenerator<string, void, undefined> {
  const checkpoint = await audit.checkpoint(workspaceId);
  if (checkpoint) yield lineOf({ checkpoint });
  let anchor: Anchor = checkpoint ?? genesisOf(workspaceId);
  for await (const entry of audit.stream(workspaceId)) {
    yield lineOf(recordOf(entry));
    anchor = { workspaceId, sequence: entry.sequence, hash: entry.hash };
  }
  yield lineOf({ anchor });
}
