import { Type } from 'typebox';
import { AuditEventTypeSchema, AuditRecord, LogEntry } from '../schemas/audit-entry.ts';
import { Closed } from '../schemas/envelope.ts';
import { PageQuery, Pagination, SortOrderSchema } from '../schemas/page.ts';
import { Id, OwnWorkspace } from '../schemas/primitives.ts';
import { API_BASE, defineEndpoint } from './endpoint.ts';

const LOGS = `${API_BASE}/workspaces/logs`;
const tag = 'Audit log' as const;

/** Entries that one search of the log reads at most. */
export const LOG_SEARCH_MAX = 100_000;

export const listLogs = defineEndpoint({
  id: 'listLogs',
  method: 'GET',
  path: LOGS,
  tag,
  summary: 'List the audit log',
  description:
    'Who changed what, the newest first. `uniqueEventTypes` has the types that occur in the workspace. With `search`, the first 100,000 entries in the order asked for that have the type and the actor are read, and `total` counts those of them that match. Of keys that the caller may not see (`api-keys:read`, and `api-keys:manage-others` for those of others), the name, the owner and the id of a key that was a credential are null.',
  access: { permission: 'workspace:logs-read' },
  query: Closed({
    eventType: Type.Optional(AuditEventTypeSchema),
    actorId: Type.Optional(Id),
    search: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: "Part of the type, the target's id, the actor's address or the request id, in any case.",
      }),
    ),
    sortOrder: Type.Optional(SortOrderSchema),
    ...PageQuery,
    ...OwnWorkspace,
  }),
  status: 200,
  result: Type.Object({
    logs: Type.Array(LogEntry),
    pagination: Pagination,
    uniqueEventTypes: Type.Array(AuditEventTypeSchema),
  }),
  errors: [],
});

export const exportLogs = defineEndpoint({
  id: 'exportLogs',
  method: 'GET',
  path: `${LOGS}/export`,
  tag,
  summary: 'Export the audit log',
  description:
    'The whole chain in order, one JSON object a line, to be checked offline with `latchkey audit verify`. The last line is `{"anchor":{"hash","sequence","workspaceId"}}`: an export without it is not whole. Where the oldest entries have been removed, the first line is `{"checkpoint":…}` of the same form. Nothing in it is masked, so it takes `api-keys:read` and `api-keys:manage-others` too.',
  access: { permission: 'workspace:logs-read' },
  query: Closed({ ...OwnWorkspace }),
  status: 200,
  streamed: true,
  result: AuditRecord,
  errors: [],
});
