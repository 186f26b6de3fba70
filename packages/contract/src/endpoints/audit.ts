import { Type } from 'typebox';
import { AUDIT_EVENT_TYPES } from '../audit-events.ts';
import { AuditEventTypeSchema, AuditRecord, LogEntry } from '../schemas/audit-entry.ts';
import { Closed } from '../schemas/envelope.ts';
import { PageQuery, Pagination, SortOrderSchema } from '../schemas/page.ts';
import { Id, InstantInput, OwnWorkspace } from '../schemas/primitives.ts';
import { API_BASE, defineEndpoint } from './endpoint.ts';

const LOGS = `${API_BASE}/workspaces/logs`;
const tag = 'Audit log' as const;

/** The most entries that one search of the log reads. */
export const LOG_SEARCH_MAX = 100_000;

/** In characters. The target id of a denied call is its method and path. */
const TARGET_ID_MAX = 256;

export const listLogs = defineEndpoint({
  id: 'listLogs',
  method: 'GET',
  path: LOGS,
  tag,
  summary: 'List the audit log',
  description: `Who changed what, newest first. \`uniqueEventTypes\` lists the types that occur in the workspace. A search reads at most ${LOG_SEARCH_MAX} entries per call, starting at the first entry or the cursor, after the other filters are applied; with several filters it may read fewer. \`total\` counts the matches among the entries read, and \`nextCursor\` continues after them, even after a page that is not full. If the caller may not see a key (\`api-keys:read\`, and \`api-keys:manage-others\` for keys of other members), its name, its owner and its id as a credential are null, and a search does not find the name.`,
  access: { permission: 'workspace:logs-read' },
  query: Closed({
    eventType: Type.Optional(
      Type.Array(AuditEventTypeSchema, {
        minItems: 1,
        maxItems: AUDIT_EVENT_TYPES.length,
        description: 'Any of these types: `?eventType=api-key.created&eventType=api-key.revoked`.',
        examples: [['api-key.created', 'api-key.revoked']],
      }),
    ),
    actorId: Type.Optional(Id),
    targetId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: TARGET_ID_MAX,
        description: 'The id of what was changed.',
        examples: ['key_01m8hyj0000000000000000000'],
      }),
    ),
    from: Type.Optional(
      Type.String({ ...InstantInput, description: 'Only entries at or after this instant. RFC 3339.' }),
    ),
    to: Type.Optional(
      Type.String({ ...InstantInput, description: 'Only entries before this instant. RFC 3339.' }),
    ),
    search: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description:
          "Matches part of the event type, target id, actor's e-mail address, request id, or a name or e-mail address that the target had before or after the change. Not case-sensitive.",
        examples: ['billing'],
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
    'The whole hash chain in order, one JSON object per line. Verify it offline with `latchkey audit verify`. The last line is `{"anchor":{"hash","sequence","workspaceId"}}`; an export without it is incomplete. If the oldest entries have been removed, the first line is `{"checkpoint":…}` of the same form. The export masks nothing, so it also needs `api-keys:read` and `api-keys:manage-others`.',
  access: { permission: 'workspace:logs-read' },
  query: Closed({ ...OwnWorkspace }),
  status: 200,
  streamed: true,
  result: AuditRecord,
  errors: [],
});
